"""What all tests share: how hard Hypothesis searches, and that nobody sleeps."""

from __future__ import annotations

import os
from collections.abc import Generator

# Before any test imports awscli, which puts its own copies of botocore and s3transfer in front of those that have
# not been imported yet.
import boto3  # noqa: F401
import pytest
from hypothesis import HealthCheck, settings

from tests import no_sleep

pytest_plugins = ("pytester",)

# Reproducible and quick: the same examples on every run, for every contributor.
settings.register_profile("default", deadline=None, derandomize=True)
# The same, for a machine that keeps nothing between runs.
settings.register_profile("ci", settings.get_profile("default"), database=None, print_blob=True)
# New examples on every run, and many of them: HYPOTHESIS_PROFILE=long tox run -e py -- tests/properties
settings.register_profile(
    "long",
    deadline=None,
    derandomize=False,
    max_examples=5_000,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "default"))

pytest.register_assert_rewrite("tests.clients")
no_sleep.watch()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, object, object]:
    return (yield from _without_sleep())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    return (yield from _without_sleep())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, object, object]:
    return (yield from _without_sleep())


def _without_sleep() -> Generator[None, object, object]:
    no_sleep.take_waits()
    result = yield
    waits = no_sleep.take_waits()
    assert not waits, "this waits in real time:\n" + "\n".join(waits)
    return result
