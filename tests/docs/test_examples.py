"""Every Python example of README.md and of the pages runs unchanged."""

from __future__ import annotations

import importlib.util
import inspect
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import pytest
from botocore import xform_name
from botocore.session import get_session

from kinesis_fake import KinesisFake

pytest_plugins = ["pytester"]

CHECKOUT = Path(__file__).parents[2]
PAGES = sorted(
    page.relative_to(CHECKOUT).as_posix()
    for page in (CHECKOUT / "README.md", *(CHECKOUT / "docs").glob("*.md"))
    if "```python" in page.read_text(encoding="utf-8")
)
#: The pages whose Python blocks show the code of the package and are no examples of its use.
WITHOUT_EXAMPLES = {"docs/architecture.md"}
#: The widest line that a page shows without a scroll bar.
COLUMNS = 79
#: The first pages that a reader comes to. The quick tests run the tests of these; pytest takes seconds for all.
FIRST_PAGES = {
    "README.md",
    "docs/index.md",
    "docs/quickstart.md",
    "docs/producers.md",
    "docs/consumers.md",
    "docs/time.md",
}
#: Packages that not every environment has.
OPTIONAL = ("aiobotocore", "anyio", "trio")
#: Methods that a client has from some release of botocore on, which is later than the oldest that is supported.
LATER = ("create_channel", "create_queue")
#: What a developer may have set for all AWS clients.
SETTINGS_OF_THIS_MACHINE = ("AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL_KINESIS", "AWS_PROFILE", "AWS_REGION")
#: What the run of the examples has in common with this one: the same few inputs of Hypothesis each time, and the rare
#: collections of garbage. Without the first, a run took up to twenty seconds longer than another.
PLUGINS = ("searches", "collecting")

#: Under which name :func:`failures` has all that pytest prints.
OUTPUT = ""


class Example(NamedTuple):
    """A fenced block of a page; ``line`` is that of its first line, counted from 1."""

    page: str
    line: int
    code: str

    @property
    def holds_tests(self) -> bool:
        """Whether pytest must run the example; other examples are plain programs."""
        return re.search(r"^( *(async )?def test_|class \w+\(unittest\.)", self.code, re.MULTILINE) is not None

    @property
    def fails(self) -> bool:
        """Whether the page shows the example because of the report of its failure."""
        return "# This test fails." in self.code

    @property
    def module(self) -> str:
        """The name of the file that pytest runs."""
        return f"test_{Path(self.page).stem.lower().replace('-', '_')}_{self.line}"

    @property
    def missing(self) -> list[str]:
        """The packages that the example needs and this environment does not have."""
        packages = [name for name in OPTIONAL if name in self.code and importlib.util.find_spec(name) is None]
        known = methods_of_a_client()
        return packages + [f"{name}()" for name in LATER if f".{name}(" in self.code and name not in known]


@cache
def methods_of_a_client() -> frozenset[str]:
    return frozenset(map(xform_name, get_session().get_service_model("kinesis").operation_names))


def text_of(page: str) -> str:
    return (CHECKOUT / page).read_text(encoding="utf-8")


def examples_of(page: str, language: str) -> list[Example]:
    text = text_of(page)
    blocks = re.finditer(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [Example(page, text.count("\n", 0, block.start(1)) + 1, block[1]) for block in blocks]


def example_id(example: Example) -> str:
    return f"{example.page}:{example.line}"


EXAMPLES = [example for page in PAGES if page not in WITHOUT_EXAMPLES for example in examples_of(page, "python")]
PROGRAMS = [example for example in EXAMPLES if not example.holds_tests]
TESTS = [example for example in EXAMPLES if example.holds_tests]


def to_run(examples: list[Example]) -> list[object]:
    """The parameters of a test that runs examples; some of them are about clients of asyncio."""
    mark = pytest.mark.asyncio_clients
    return [
        pytest.param(
            example, marks=mark if any(name in example.code for name in OPTIONAL) else (), id=example_id(example)
        )
        for example in examples
    ]


def asks_for_failures(item: pytest.Item) -> bool:
    return item.path == Path(__file__) and "failures" in vars(item)["fixturenames"]


@pytest.fixture(scope="module")
def failures(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """The failures that pytest reports for each selected example, when it runs all of them as a user would."""
    folder = tmp_path_factory.mktemp("examples")
    wanted = [vars(item)["callspec"].params["example"] for item in request.session.items if asks_for_failures(item)]
    for example in wanted:
        if not example.missing:
            (folder / f"{example.module}.py").write_text(example.code, encoding="utf-8")
    for plugin in PLUGINS:
        shutil.copy(CHECKOUT / "tests" / "support" / f"{plugin}.py", folder)
    environment = {name: value for name, value in os.environ.items() if name not in SETTINGS_OF_THIS_MACHINE}
    # Hypothesis works its tables of characters out once, and keeps them here.
    environment["HYPOTHESIS_STORAGE_DIRECTORY"] = str(CHECKOUT / ".hypothesis")
    options = ["-o", "asyncio_default_fixture_loop_scope=function", f"--rootdir={folder}", "--junitxml=report.xml"]
    options += [f"-p{plugin}" for plugin in PLUGINS]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options], cwd=folder, env=environment, capture_output=True, check=False
    )
    assert done.returncode in (0, 1), done.stdout.decode()
    found = {OUTPUT: [done.stdout.decode()]}
    for case in ElementTree.parse(folder / "report.xml").iter("testcase"):
        module = case.attrib["classname"].partition(".")[0]
        found.setdefault(module, []).extend(outcome.text or outcome.tag for outcome in case)
    return found


@pytest.mark.thorough_but(*(example_id(example) for example in TESTS if example.page in FIRST_PAGES))
@pytest.mark.parametrize("example", to_run(TESTS))
def test_the_tests_of_an_example_pass_or_fail_as_the_page_says(
    example: Example, failures: dict[str, list[str]]
) -> None:
    if example.missing:
        pytest.skip(f"needs {', '.join(example.missing)}")
    if not example.fails:
        assert not failures[example.module], "\n".join(failures[example.module])
        return
    assert failures[example.module]
    (told,) = failures[OUTPUT]
    (report,) = [block for block in examples_of(example.page, "text") if block.code.startswith("virtual time: ")]
    assert report.code.strip() in told


@pytest.mark.parametrize("example", to_run(PROGRAMS))
def test_a_program_does_what_it_says(example: Example, monkeypatch: pytest.MonkeyPatch) -> None:
    if example.missing:
        pytest.skip(f"needs {', '.join(example.missing)}")
    for name in SETTINGS_OF_THIS_MACHINE:
        monkeypatch.delenv(name, raising=False)
    program = compile("\n" * (example.line - 1) + example.code, example.page, "exec")
    exec(program, {"__name__": "__main__"})


def test_the_pages_have_examples() -> None:
    assert {"README.md", "docs/index.md", "docs/producers.md", "docs/consumers.md"} <= {each.page for each in EXAMPLES}


def test_no_line_of_an_example_is_cut_off() -> None:
    lines = [(example_id(example), line) for example in EXAMPLES for line in example.code.splitlines()]
    assert [(example, line) for example, line in lines if len(line) > COLUMNS] == []


def test_the_ini_file_of_the_page_sets_what_it_says(pytester: pytest.Pytester) -> None:
    defaults, _ = examples_of("docs/pytest.md", "ini")
    pytester.makeini(defaults.code)
    pytester.makepyfile(
        """
        def test_the_defaults_of_the_project(kinesis, kinesis_client):
            assert kinesis.now.isoformat() == "2026-01-01T00:00:00+00:00"
            assert [view.stream_name for view in kinesis.streams] == ["clicks", "orders", "payments"]
            assert [len(view.shards) for view in kinesis.streams] == [4, 2, 1]
            assert kinesis_client.meta.region_name == "eu-central-1"
        """
    )
    pytester.runpytest_inprocess().assert_outcomes(passed=1)


@pytest.mark.thorough
def test_the_ini_file_of_the_page_guards_a_whole_suite(
    pytester: pytest.Pytester, run_pytest: Callable[..., pytest.RunResult]
) -> None:
    _, guard = examples_of("docs/pytest.md", "ini")
    pytester.makeini(guard.code)
    pytester.makepyfile(
        """
        import boto3
        import pytest
        from kinesis_fake import KinesisFakeError, fake_kinesis

        @pytest.fixture(scope="module")
        def before_any_test():
            client = boto3.client("kinesis", region_name="us-east-1")
            with pytest.raises(KinesisFakeError, match="outside of any fake"):
                client.list_streams()

        def test_inside(before_any_test):
            assert boto3.client("kinesis").list_streams()["StreamNames"] == []
        """
    )
    run_pytest().assert_outcomes(passed=1)


def test_every_option_has_an_ini_option(pytester: pytest.Pytester) -> None:
    told = pytester.runpytest_inprocess("--help").stdout.str()
    options = {f"kinesis_{name}" for name in inspect.signature(KinesisFake).parameters}
    of_the_suite = {"kinesis_autouse", "kinesis_outside_calls"}
    assert set(re.findall(r"^  (kinesis_\w+) \(", told, re.MULTILINE)) == options | of_the_suite
