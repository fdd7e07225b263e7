"""The plugins of all tests: clients, the profiles of Hypothesis, and the guard against sleeping."""

from __future__ import annotations

# This import comes before any test imports awscli: that puts its own copies of botocore and s3transfer in front of
# packages that have not been imported yet.
import boto3  # noqa: F401
import pytest

pytest.register_assert_rewrite("tests.support")

pytest_plugins = (
    "pytester",
    "tests.support.clients",
    "tests.support.collecting",
    "tests.support.inner_runs",
    "tests.support.markers",
    "tests.support.models",
    "tests.support.no_sleep",
    "tests.support.refusals",
    "tests.support.reports",
    "tests.support.searches",
    "tests.support.sessions",
)
