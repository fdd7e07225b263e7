"""What all tests share: clients, how hard Hypothesis searches, and that no test sleeps."""

from __future__ import annotations

# Before any test imports awscli, which puts its own copies of botocore and s3transfer in front of those that have
# not been imported yet.
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
