"""Failures on order: how a test describes them, and those in force."""
