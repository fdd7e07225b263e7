"""``python -m kinesis_fake doctor``: what is installed, whether the fake works with it, and what it cannot reach."""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Iterator
from importlib import metadata, util
from pathlib import Path

from kinesis_fake import KinesisFakeError, __version__, fake_kinesis

#: The packages whose versions the doctor shows.
_PACKAGES = (
    "botocore",
    "boto3",
    "aiobotocore",
    "aioboto3",
    "awscli",
    "moto",
    "pytest",
    "pytest-asyncio",
    "pytest-xdist",
    "hypothesis",
    "freezegun",
    "time-machine",
    "trio",
    "uvloop",
)
#: Finds botocore's client module, or a copy of it, in a line of a RECORD or in a path.
_CLIENT = re.compile(r'"?((?:[^"]*/)?botocore)/client\.py(?:[",]|$)')
#: The fixtures of the plugin.
_FIXTURES = ("kinesis", "kinesis_client", "aio_kinesis_client")


def diagnosis() -> tuple[str, bool]:
    """The findings as text, and whether all is well."""
    sections = (
        ("versions", list(_versions()), ""),
        ("problems", [*_problems()], "none"),
        ("Kinesis clients that the fake does not reach", [*_unreached()], "none among the installed packages"),
        ("pytest plugins that define a fixture of the same name", [*_clashes()], "none"),
    )
    lines = []
    for heading, found, nothing in sections:
        lines += [f"{heading}:", *(f"  {line}" for line in found or [nothing])]
    return "\n".join(lines), not any(found for _, found, _ in sections[1:])


def _versions() -> Iterator[str]:
    yield f"kinesis_fake {__version__}"
    yield f"Python {platform.python_version()} ({platform.python_implementation()}, {platform.system()})"
    for package in _PACKAGES:
        try:
            yield f"{package} {metadata.version(package)}"
        except metadata.PackageNotFoundError:
            continue


def _problems() -> Iterator[str]:
    """Enter a fake and call it with a client made before; report what fails. No call reaches the network."""
    try:
        from kinesis_fake.botocore_hook import self_check
    except KinesisFakeError as error:  # this botocore lacks something
        yield f"A fake cannot be entered: {error}"
        return
    if not self_check.has_handlers():
        yield (
            "botocore's list of built-in handlers has lost those of kinesis_fake: clients of new sessions are answered "
            "by the guard alone. Look for code that replaces botocore.handlers.BUILTIN_HANDLERS."
        )
    try:
        client = self_check.client_of_another_session()
        with fake_kinesis(streams={"doctor": 1}):
            names = client.list_streams()["StreamNames"]
        if names != ["doctor"]:
            yield f"A client that was made before the fake was answered {names!r} instead of ['doctor']."
    except Exception as error:
        yield f"A fake cannot be entered and called: {type(error).__name__}: {error}"


def _unreached() -> Iterator[str]:
    """Report copies of botocore inside other packages: their clients do not know the fake's handlers."""
    try:
        from kinesis_fake.botocore_hook import self_check
    except KinesisFakeError:
        yield "all of them, because no fake can be entered"
        return
    for distribution in metadata.distributions():
        # Searching the text is quicker than making a path of each of its lines.
        record = distribution.read_text("RECORD")
        files = map(str, distribution.files or ()) if record is None else record.splitlines()
        for carrier in (match[1] for file in files if (match := _CLIENT.match(file))):
            package = carrier.replace("/", ".")
            if package not in self_check.REACHED:
                yield (
                    f"those of {package}, a copy of botocore inside {distribution.metadata['Name']}: "
                    "give them an endpoint where no server listens"
                )


def _clashes() -> Iterator[str]:
    for entry in sorted(metadata.entry_points(group="pytest11"), key=lambda entry: entry.value):
        if entry.module.partition(".")[0] == "kinesis_fake":
            continue
        spec = util.find_spec(entry.module.partition(".")[0])
        if spec is None or spec.origin is None:
            continue
        source = Path(spec.origin).parent.joinpath(*entry.module.split(".")[1:])
        text = "".join(
            path.read_text(encoding="utf-8", errors="replace")
            for path in (Path(spec.origin), source.with_suffix(".py"), source / "__init__.py")
            if path.is_file() and path.suffix == ".py"
        )
        for fixture in _FIXTURES:
            if f"def {fixture}(" in text:
                yield f"{entry.name} defines {fixture}: pytest uses the one of the plugin that it loads last"


def main() -> None:
    """Print the findings; the exit status is 1 if the fake does not work here."""
    text, is_well = diagnosis()
    sys.stdout.write(f"{text}\n")
    sys.exit(not is_well)
