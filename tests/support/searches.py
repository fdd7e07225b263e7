"""How hard Hypothesis searches: the profiles, and how many examples one test makes up."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

# Reproducible and quick: the same few examples on every run, for every contributor.
settings.register_profile("quick", deadline=None, derandomize=True, max_examples=15)
# Reproducible, too, with as many examples as Hypothesis makes up by default: tox run -e thorough
settings.register_profile("thorough", settings.get_profile("quick"), max_examples=100)
# New examples on every run, and many of them: tox run -e fuzz
settings.register_profile(
    "long",
    deadline=None,
    derandomize=False,
    max_examples=5_000,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or "quick")


def examples(number: int) -> settings:
    """This number of examples in the profile ``thorough``, and in the other profiles the same part of theirs."""
    parts = settings.get_profile("thorough").max_examples
    return settings(max_examples=max(2, number * settings().max_examples // parts))
