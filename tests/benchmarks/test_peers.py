"""The benchmark measures the peers over loopback that are installed, and says which are missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks import http_peers


def _install(folder: Path, name: str) -> None:
    package = folder / "node_modules" / name
    package.mkdir(parents=True)
    (package / "package.json").write_text("{}")


def test_without_a_folder_no_peer_is_looked_for() -> None:
    wanted = "name the folder of their node_modules with --peers or KINESIS_FAKE_BENCH_PEERS"
    assert http_peers.available(None) == http_peers.available("") == ([], wanted)


def test_the_peers_of_a_folder_are_those_that_it_has(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("shutil.which", lambda command: f"/usr/bin/{command}")
    missing = f"{tmp_path} has no node_modules with kinesalite or kinesis-local"
    assert http_peers.available(str(tmp_path)) == ([], missing)
    _install(tmp_path, "kinesalite")
    assert http_peers.available(str(tmp_path))[0] == ["kinesalite"]
    _install(tmp_path, "kinesis-local")
    assert http_peers.available(str(tmp_path))[0] == ["kinesalite", "kinesis-local"]


def test_without_node_no_peer_is_started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _install(tmp_path, "kinesalite")
    monkeypatch.setattr("shutil.which", lambda command: None)
    assert http_peers.available(str(tmp_path)) == ([], "there is no node")
