"""The AWS CLI, started once, and two ways to run its commands."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from kinesis_fake import KinesisFake
from tests.support.aws_cli import Aws, Finished, Run
from tests.support.bare_machine import forget_aws


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The driver that the program ``aws`` makes on every run; made once here, as it is slow to make."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        forget_aws(monkeypatch, tmp_path_factory.mktemp("home"))
        yield pytest.importorskip("awscli.clidriver").create_clidriver()


@pytest.fixture
def run(kinesis: KinesisFake, driver: Any, capsys: pytest.CaptureFixture[str]) -> Run:
    """``aws kinesis`` with these arguments."""

    def run(*arguments: object) -> Finished:
        capsys.readouterr()
        exit_code = driver.main(["kinesis", *map(str, arguments)])
        out, err = capsys.readouterr()
        return Finished(exit_code, out, err)

    return run


@pytest.fixture
def aws(run: Run) -> Aws:
    """``aws kinesis`` with arguments that succeed; gives the JSON that was printed, None for none."""

    def aws(*arguments: object) -> Any:
        finished = run(*arguments)
        assert (finished.exit_code, finished.err) == (0, "")
        return json.loads(finished.out) if finished.out else None

    return aws
