"""``python -m kinesis_fake doctor``: what it reports about a sound installation, and about broken ones."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import botocore.handlers
import botocore.regions
import pytest

from kinesis_fake.doctor import diagnosis


def section_of(text: str, heading: str) -> str:
    (section,) = re.findall(rf"^{heading}:\n((?:  .*\n?)+)", text, re.MULTILINE)
    return str(section)


def distribution(folder: Path, name: str, files: dict[str, str], entry_points: str = "") -> None:
    """Lay an installed package into a folder of the path."""
    about = folder / f"{name}-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(entry_points)
    (about / "RECORD").write_text("".join(f"{file},,\n" for file in files))
    for file, text in files.items():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text(text)


@pytest.mark.thorough
def test_the_command_prints_it_and_ends_with_the_status_of_its_findings() -> None:
    done = subprocess.run([sys.executable, "-m", "kinesis_fake", "doctor"], capture_output=True, text=True, check=False)
    text, is_well = diagnosis()
    assert (done.stdout, done.returncode) == (f"{text}\n", 0 if is_well else 1), done.stderr


def test_it_tells_versions_and_no_problem_where_there_is_none() -> None:
    text, _ = diagnosis()
    versions = section_of(text, "versions")
    assert re.search(r"^  kinesis_fake \d+\.\d+\.\d+$", versions, re.MULTILINE)
    assert re.search(rf"^  botocore {re.escape(botocore.__version__)}$", versions, re.MULTILINE)
    assert section_of(text, "problems") == "  none\n"


def test_it_tells_of_a_name_that_botocore_does_not_have_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(botocore.regions.EndpointRulesetResolver, "_get_customized_builtins")
    text, is_well = diagnosis()
    assert not is_well
    assert "botocore.regions.EndpointRulesetResolver._get_customized_builtins" in section_of(text, "problems")


def test_it_tells_of_handlers_that_other_code_has_removed(monkeypatch: pytest.MonkeyPatch) -> None:
    others = [entry for entry in botocore.handlers.BUILTIN_HANDLERS if "kinesis_fake" not in entry[1].__module__]
    monkeypatch.setattr(botocore.handlers, "BUILTIN_HANDLERS", others)
    text, is_well = diagnosis()
    assert not is_well
    assert "has lost those of kinesis_fake" in section_of(text, "problems")


def test_it_tells_of_a_copy_of_botocore_inside_another_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    distribution(tmp_path, "carrier", {"carrier/_vendor/botocore/client.py": ""})
    monkeypatch.syspath_prepend(str(tmp_path))
    text, is_well = diagnosis()
    assert not is_well
    unreached = section_of(text, "Kinesis clients that the fake does not reach")
    assert "those of carrier._vendor.botocore, a copy of botocore inside carrier" in unreached


@pytest.mark.parametrize("file", ["rival.py", "rival/__init__.py"])
def test_it_tells_of_a_plugin_with_a_fixture_of_the_same_name(
    file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = "import pytest\n\n\n@pytest.fixture\ndef kinesis_client():\n    return 1\n"
    distribution(tmp_path, "rival", {file: source}, "[pytest11]\nrival = rival\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    text, is_well = diagnosis()
    assert not is_well
    assert "rival defines kinesis_client" in section_of(text, "pytest plugins that define a fixture of the same name")
