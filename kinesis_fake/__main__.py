"""``python -m kinesis_fake`` plays the guided tour."""

from __future__ import annotations

import argparse

from kinesis_fake.tour import tour


def main() -> None:
    """Print the tour."""
    argparse.ArgumentParser(
        prog="python -m kinesis_fake", description="Play a short guided tour against a Kinesis in virtual time."
    ).parse_args()
    print(tour())


if __name__ == "__main__":
    main()
