"""The pytest plugin: the fixtures ``kinesis`` and ``kinesis_client``, the marker and the ini options.

pytest imports this module in every run, so it imports nothing of the package until a fixture is used.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from kinesis_fake.fake import KinesisFake

_INI_OPTIONS = {
    "kinesis_start": ("start", "Where the virtual clock of every kinesis fixture starts, as ISO 8601 text."),
    "kinesis_streams": ("streams", "Streams that every kinesis fixture has, one 'name = shards' a line."),
    "kinesis_autojump": ("autojump", "Whether polls of a resource in transition move the clock (default: true)."),
    "kinesis_account_id": ("account_id", "The account of every kinesis fixture (default: 123456789012)."),
    "kinesis_region": ("region", "The default region of every kinesis fixture (default: us-east-1)."),
    "kinesis_seed": ("seed", "The seed of every kinesis fixture (default: 0)."),
}


def pytest_addoption(parser: pytest.Parser) -> None:
    for name, (_, text) in _INI_OPTIONS.items():
        parser.addini(name, text, type="linelist" if name == "kinesis_streams" else "string", default=None)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "kinesis(**options): options of the kinesis fixture, those of kinesis_fake.fake_kinesis."
    )


def _ini_options(config: pytest.Config) -> dict[str, Any]:
    options: dict[str, Any] = {}
    for name, (option, _) in _INI_OPTIONS.items():
        value = config.getini(name)
        if not value:
            continue
        if option == "streams":
            pairs = (line.partition("=") for line in value)
            value = {stream.strip(): int(shards) for stream, _, shards in pairs}
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
