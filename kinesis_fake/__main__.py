"""``python -m kinesis_fake``: the guided tour; with a command, a look at the installation or the remedy of an error."""

from __future__ import annotations

import argparse
import os
import sys

from kinesis_fake.remedies import REMEDIES, explanation, topics

#: What a shell shows for a program that SIGPIPE, signal 13, has ended.
_ENDED_BY_CLOSED_PIPE = 128 + 13


def main() -> None:
    """Print the tour, what the doctor finds, or what to do about an error."""
    parser = argparse.ArgumentParser(
        prog="python -m kinesis_fake", description="A fake of Amazon Kinesis Data Streams, in virtual time."
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    commands.add_parser("tour", help="play a short guided tour (the default)")
    commands.add_parser("doctor", help="say what is installed and whether the fake works")
    explain = commands.add_parser("explain", help="say what an error of the fake means and what to do about it")
    explain.add_argument("topic", nargs="?", choices=REMEDIES, metavar="TOPIC", help="as the error names it")
    arguments = parser.parse_args()
    if arguments.command == "doctor":
        from kinesis_fake import doctor

        doctor.main()
    elif arguments.command == "explain":
        print(explanation(arguments.topic) if arguments.topic else topics())
    else:
        from kinesis_fake.tour import tour

        print(tour())


def _run() -> None:
    """End quietly, as other programs do, when the reader closes the pipe: ``python -m kinesis_fake | head``."""
    try:
        try:
            main()
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the interpreter flushes once more at its end
        sys.exit(_ENDED_BY_CLOSED_PIPE)


if __name__ == "__main__":
    _run()
