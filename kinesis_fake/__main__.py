"""``python -m kinesis_fake`` plays the guided tour; ``python -m kinesis_fake doctor`` looks at the installation."""

from __future__ import annotations

import argparse


def main() -> None:
    """Print the tour, or what the doctor finds."""
    parser = argparse.ArgumentParser(
        prog="python -m kinesis_fake", description="A fake of Amazon Kinesis Data Streams, in virtual time."
    )
    parser.add_argument(
        "command",
        nargs="?",
        choices=("tour", "doctor"),
        default="tour",
        help="tour: play a short guided tour (the default); doctor: say what is installed and whether the fake works",
    )
    if parser.parse_args().command == "doctor":
        from kinesis_fake import doctor

        doctor.main()
    else:
        from kinesis_fake.tour import tour

        print(tour())


if __name__ == "__main__":
    main()
