"""The picture of a stream as text."""

from __future__ import annotations

from kinesis_fake.calls import instant_text
from kinesis_fake.toolkit.pictures.scene import Band, Failure, Scene
from kinesis_fake.virtual_time.clock import datetime_of
from kinesis_fake.words import counted

#: How many columns stand for the time.
_WIDTH = 56
#: How many shards have a row; of more, the first of those that have records, were read or resharded.
_MAX_ROWS = 40
_SIGNS: dict[Failure, str] = {"throttled": "!", "lost": "?", "refused": "x"}
_LEGEND = {
    "=": "open shard",
    "-": "closed shard",
    "o": "record",
    "8": "several records",
    "~": "taken by retention",
    ">": "read until here",
    "!": "throttled call",
    "?": "lost answer",
    "x": "refused call",
}


def diagram(scene: Scene) -> str:
    """The shards of a scene, one to a line in the order of their hash keys and births, over virtual time."""
    begins, ends = (instant_text(datetime_of(instant)) for instant in (scene.begins_at, scene.ends_at))
    seconds = (scene.ends_at - scene.begins_at) / 1000 / _WIDTH
    lines = [f"{scene.stream_name}, {begins} to {ends}, a column is {_span(seconds)}"]
    bands = sorted(scene.bands, key=lambda band: (band.low, band.begins_at))
    shown = _chosen(bands)
    rows = [(band, _row(scene, band)) for band in shown]
    lines += [f"{band.number:>5} {row}  {_fate_of(band, bands)}".rstrip() for band, row in rows]
    if len(shown) < len(bands):
        lines.append(f"      and {len(bands) - len(shown)} more shards")
    calls = _row_of_calls(scene)
    if calls.strip():
        lines.append(f"calls {calls}")
    used = "".join(row for _, row in rows) + calls
    lines.append("      " + ", ".join(f"{sign} {word}" for sign, word in _LEGEND.items() if sign in used))
    return "\n".join(lines)


def _chosen(bands: list[Band]) -> list[Band]:
    if len(bands) <= _MAX_ROWS:
        return bands
    busy = [band for band in bands if band.records or band.taken or band.parents or band.read_until or not band.is_open]
    return busy[:_MAX_ROWS]


def _column(scene: Scene, instant: int) -> int:
    place = (instant - scene.begins_at) * _WIDTH // (scene.ends_at - scene.begins_at)
    return min(max(place, 0), _WIDTH - 1)


def _row(scene: Scene, band: Band) -> str:
    row = [" "] * _WIDTH
    first, last = _column(scene, band.begins_at), _column(scene, band.ends_at - 1)
    horizon = scene.horizon
    for column in range(first, last + 1):
        instant = scene.begins_at + (column + 1) * (scene.ends_at - scene.begins_at) // _WIDTH
        row[column] = "~" if instant <= horizon else "=" if band.is_open else "-"
    for _, arrived_at in band.records:
        column = _column(scene, arrived_at)
        row[column] = "8" if row[column] in "o8" else "o"
    if band.read_until is not None:
        column = min(_column(scene, max(band.read_until, band.begins_at)) + 1, _WIDTH - 1)
        row[column] = ">"
    for sign in scene.signs:
        if sign.shard_id == band.shard_id:
            row[_column(scene, sign.at)] = _SIGNS[sign.failure]
    return "".join(row)


def _row_of_calls(scene: Scene) -> str:
    """The failed calls that are about no shard that is shown."""
    known = {band.shard_id for band in scene.bands}
    row = [" "] * _WIDTH
    for sign in scene.signs:
        if sign.shard_id not in known:
            row[_column(scene, sign.at)] = _SIGNS[sign.failure]
    return "".join(row)


def _fate_of(band: Band, bands: list[Band]) -> str:
    """What became of a shard, and of its records."""
    parts = []
    children = [str(child.number) for child in bands if band.shard_id in child.parents]
    if children:
        parts.append(f"{'split into' if len(children) > 1 else 'merged into'} {' and '.join(children)}")
    if band.records:
        parts.append(counted(len(band.records), "record"))
    if band.taken:
        parts.append(f"{band.taken} taken")
    return ", ".join(parts)


def _span(seconds: float) -> str:
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1000:.3g} ms"
