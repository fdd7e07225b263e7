"""The plugin is tested on a machine without credentials, region, settings of AWS, or a network."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.bare_machine import bare_machine

__all__ = ["bare_machine"]


@pytest.fixture(autouse=True)
def quiet(pytester: pytest.Pytester) -> None:
    """pytest-asyncio warns where this is not set."""
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function\n")


@pytest.fixture
def run(pytester: pytest.Pytester) -> Any:
    """Run a suite of one file, and hold how many tests passed, failed and so on."""

    def run(suite: str, *args: str, ini: str = "", conftest: str = "", **outcomes: int) -> pytest.RunResult:
        pytester.makepyfile(test_suite="import boto3\nimport pytest\nfrom kinesis_fake import fake_kinesis\n" + suite)
        pytester.makeini(f"[pytest]\nasyncio_default_fixture_loop_scope = function\n{ini}")
        if conftest:
            pytester.makeconftest(conftest)
        result = pytester.runpytest_inprocess("-p", "no:cacheprovider", "--strict-markers", *args)
        result.assert_outcomes(**outcomes)
        return result

    return run
