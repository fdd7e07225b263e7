"""What all tests share: how hard Hypothesis searches, and that no test sleeps."""

from __future__ import annotations

import os

# Before any test imports awscli, which puts its own copies of botocore and s3transfer in front of those that have
# not been imported yet.
import boto3  # noqa: F401
import pytest
from hypothesis import HealthCheck, settings

pytest.register_assert_rewrite("tests.support")

pytest_plugins = (
    "pytester",
    "tests.support.clients",
    "tests.support.markers",
    "tests.support.no_sleep",
    "tests.support.refusals",
)

# Reproducible and quick: the same examples on every run, for every contributor.
settings.register_profile("default", deadline=None, derandomize=True)
# The same, for a machine that keeps nothing between runs.
settings.register_profile("ci", settings.get_profile("default"), database=None, print_blob=True)
# New examples on every run, and many of them: tox run -e fuzz
settings.register_profile(
    "long",
    deadline=None,
    derandomize=False,
    max_examples=5_000,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "default"))
