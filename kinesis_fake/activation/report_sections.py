"""The state of a test's fakes as sections of pytest's report, with pictures of their streams where they are asked for.

The pytest plugin loads this module when a test has failed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from kinesis_fake.activation.left_fakes import fakes_left_by
from kinesis_fake.toolkit.fake import KinesisFake

if TYPE_CHECKING:
    import pytest


#: The plugin's fixtures that a test may ask for.
_PUBLIC_FIXTURES = frozenset({"kinesis", "kinesis_fake", "kinesis_client", "aio_kinesis_client"})


def sections_of(
    item: pytest.Item,
    when: str,
    failure: pytest.ExceptionInfo[BaseException] | None,
    active: Iterable[KinesisFake],
    given: object,
) -> list[tuple[str, str]]:
    """The sections of a report, each with its title: what each fake has to tell, and pictures of its streams.

    The innermost fake comes first. ``given`` is the fake that the plugin has given to the test.
    """
    error = None if failure is None else failure.value
    active = list(dict.fromkeys(active))
    left = [] if error is None else fakes_left_by(error)
    # A TestCase leaves its fake before its failure is reported, but still holds it.
    held = [fake for fake in _held_by(item) if fake not in active] if when == "call" else []
    sections = []
    for fake in dict.fromkeys([*left, *held, *reversed(active)]):
        if has_something_to_tell(fake, is_asked_for=fake is not given or _asks_for_its_fake(item)):
            sections.append(("kinesis", summary_of(fake, error)))
            sections.extend(_pictures_of(fake, item, when))
    return sections


def _held_by(item: pytest.Item) -> list[KinesisFake]:
    """The fakes in attributes of a test object, which its decorated class or its set-up has entered."""
    held = getattr(getattr(item, "instance", None), "__dict__", {}).values()
    return list(dict.fromkeys(thing for thing in held if type(thing) is KinesisFake))


def _asks_for_its_fake(item: pytest.Item) -> bool:
    """Whether a test asks for the fixtures' fake by itself, not only through the project's ini option."""
    arguments = getattr(getattr(item, "_fixtureinfo", None), "argnames", ())
    return item.get_closest_marker("fake_kinesis") is not None or not _PUBLIC_FIXTURES.isdisjoint(arguments)


def has_something_to_tell(fake: KinesisFake, *, is_asked_for: bool = True) -> bool:
    """Whether anything was done in a fake; or it was asked for, and has at least streams to show."""
    service = fake._service
    if service.timeline.activity != fake._door.activity_at_entry or service.faults.injections:
        return True
    return is_asked_for and any(region.streams for region in service.world.regions.values())


def summary_of(fake: KinesisFake, error: BaseException | None = None) -> str:
    """The state of a fake. An error while it is told must not hide what the test has failed with."""
    try:
        return fake.summary(error=error)
    except Exception as reason:
        return f"The state of the fake cannot be told: {reason!r}"


def _pictures_of(fake: KinesisFake, item: pytest.Item, when: str) -> list[tuple[str, str]]:
    """The sections with the pictures of a fake's streams that the command line asks for."""
    sections = []
    folder: str | None = item.config.getoption("kinesis_plots")
    wants_diagrams: bool = item.config.getoption("kinesis_diagrams")
    for stream in fake.streams if folder is not None or wants_diagrams else ():
        try:
            if wants_diagrams:
                sections.append((f"kinesis stream {stream.stream_name}", stream.diagram()))
            if folder is not None:
                path = _path_of_plot(folder, item.nodeid, when, stream.stream_name)
                stream.plot().savefig(path)
                sections.append((f"kinesis plot of {stream.stream_name}", path))
        except Exception as error:
            sections.append((f"kinesis stream {stream.stream_name}", f"It cannot be drawn: {error}"))
    return sections


def _path_of_plot(folder: str, nodeid: str, when: str, stream_name: str) -> str:
    """A file name that tells the test and the stream, and that every file system takes."""
    os.makedirs(folder, exist_ok=True)
    stage = "" if when == "call" else f"-{when}"
    name = re.sub(r"[^A-Za-z0-9_.]+", "-", f"{nodeid.replace('::', '.')}{stage}-{stream_name}")
    return os.path.join(folder, f"{name[-200:].lstrip('-.')}.png")
