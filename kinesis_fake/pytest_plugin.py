"""The pytest plugin: the fixtures ``kinesis`` and ``kinesis_client``, the marker and the ini options.

pytest imports this module in every run, so it imports nothing of the package until a fixture is used.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any, Literal

import pytest

if TYPE_CHECKING:
    from kinesis_fake.fake import KinesisFake

_INI_OPTIONS = {
    "kinesis_start": ("start", "Where the virtual clock of every kinesis fixture starts, as ISO 8601 text."),
    "kinesis_streams": ("streams", "Streams that every kinesis fixture has, one 'name = shards' a line."),
    "kinesis_autojump": ("autojump", "Whether polls of a resource in transition move the clock (default: true)."),
    "kinesis_account_id": ("account_id", "The account of every kinesis fixture (default: 123456789012)."),
    "kinesis_accounts": ("accounts", "The accounts of access keys, one 'access key = account or ARN' a line."),
    "kinesis_region": ("region", "The default region of every kinesis fixture (default: us-east-1)."),
    "kinesis_seed": ("seed", "The seed of every kinesis fixture (default: 0)."),
}

#: Options that are written one entry a line.
_LINES = ("kinesis_streams", "kinesis_accounts")


def pytest_addoption(parser: pytest.Parser) -> None:
    for name, (_, text) in _INI_OPTIONS.items():
        kind: Literal["linelist", "string"] = "linelist" if name in _LINES else "string"
        parser.addini(name, text, type=kind, default=None)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "kinesis(**options): options of the kinesis fixture, those of kinesis_fake.fake_kinesis."
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """A fault that the test injected and never met fails the test, unless it has failed for another reason."""
    result = yield
    fake = _fake_of(item)
    if fake is not None:
        fake._service.faults.require_used()
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failing test shows the state of its fake."""
    report = yield
    if report.when == "call" and report.failed:
        fake = _fake_of(item)
        if fake is not None:
            fake._service.faults.clear()
            report.sections.append(("kinesis", fake.summary()))
    return report


def _fake_of(item: pytest.Item) -> KinesisFake | None:
    """The fake of a test's ``kinesis`` fixture, if it has one."""
    fake = getattr(item, "funcargs", {}).get("kinesis")
    return fake if type(fake).__module__ == "kinesis_fake.fake" else None


def _ini_options(config: pytest.Config) -> dict[str, Any]:
    options: dict[str, Any] = {}
    for name, (option, _) in _INI_OPTIONS.items():
        value = config.getini(name)
        if not value:
            continue
        if option == "streams":
            pairs = (line.partition("=") for line in value)
            value = {stream.strip(): int(shards) for stream, _, shards in pairs}
        elif option == "accounts":
            pairs = (line.partition("=") for line in value)
            value = {access_key.strip(): owner.strip() for access_key, _, owner in pairs}
        elif option == "autojump":
            value = value.strip().lower() in ("1", "true", "yes", "on")
        elif option == "seed":
            value = int(value)
        options[option] = value
    return options


@pytest.fixture
def kinesis(request: pytest.FixtureRequest) -> Iterator[KinesisFake]:
    """A Kinesis of this test's own: all Kinesis calls of the process are answered by it while the test runs."""
    from kinesis_fake.activation import fake_kinesis

    options = _ini_options(request.config)
    for marker in reversed(list(request.node.iter_markers("kinesis"))):
        if marker.args:
            raise pytest.UsageError(
                "The kinesis marker takes keyword arguments only, such as start='2026-01-01T00:00Z'."
            )
        options.update(marker.kwargs)
    with fake_kinesis(**options) as fake:
        yield fake


@pytest.fixture
def kinesis_client(kinesis: KinesisFake) -> Any:
    """A botocore client of the ``kinesis`` fixture."""
    return kinesis.client()
