"""The picture of a stream, drawn with matplotlib: the extra ``plot``."""

from __future__ import annotations

import io
from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Literal, cast

from kinesis_fake.domain.hash_key import HASH_KEY_SPACE
from kinesis_fake.misuse import KinesisFakeError, one_of, shown
from kinesis_fake.named_tuples import NamedTuple
from kinesis_fake.toolkit.pictures.scene import Band, Failure, Scene
from kinesis_fake.virtual_time.clock import datetime_of
from kinesis_fake.words import counted

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Theme = Literal["light", "dark"]

#: A picture names its shards while each has room for a line of text, and lists the parents of those it names.
_MAX_NAMED = 24
#: Of more records than this a picture shows evenly chosen ones: more would be one spot.
_MAX_RECORDS = 4_000


#: The distances, in seconds, of which one lies between two instants that the axis names.
_STEPS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400)


class Palette(NamedTuple):
    """The colours of a theme. Those with a meaning are of Okabe and Ito's set, which colour-blind people tell apart."""

    paper: str
    ink: str
    faint: str
    open_band: str
    closed_band: str
    edge: str
    record: str
    taken: str
    read: str
    throttled: str
    refused: str
    lost: str


#: Each colour in the light theme and in the dark one.
_COLOURS = {
    "paper": ("#ffffff", "#14181c"),
    "ink": ("#222222", "#e8e8e8"),
    "faint": ("#8a8a8a", "#8f979e"),
    "open_band": ("#cfe6f5", "#1f3b50"),
    "closed_band": ("#e9e9e9", "#2c3136"),
    "edge": ("#5b7f99", "#7fa6c2"),
    "record": ("#0072b2", "#56b4e9"),
    "taken": ("#b9b9b9", "#59616a"),
    "read": ("#007a59", "#35c69b"),
    "throttled": ("#d55e00", "#ff8c3b"),
    "refused": ("#a3457f", "#e29ac4"),
    "lost": ("#8f6b00", "#e6c229"),
}
_PALETTES = {
    theme: Palette(**{name: colours[column] for name, colours in _COLOURS.items()})
    for column, theme in enumerate(("light", "dark"))
}
_MARKS: dict[Failure, str] = {"throttled": "v", "refused": "X", "lost": "o"}
_WORDS: dict[Failure, str] = {"throttled": "throttled call", "refused": "refused call", "lost": "lost answer"}


def plot(scene: Scene, theme: Theme = "light", axes: Axes | None = None) -> Figure:
    """Draw a scene, into the axes that are given or into a figure of its own."""
    palette = _PALETTES[one_of("theme of plot()", theme, tuple(_PALETTES))]
    try:
        from matplotlib.axes import Axes as MatplotlibAxes
        from matplotlib.figure import Figure
    except ModuleNotFoundError as error:
        raise KinesisFakeError(
            "plot() needs matplotlib, which is not installed: pip install 'kinesis-fake[plot]'. diagram() shows the "
            "stream as text."
        ) from error
    if axes is None:
        figure = Figure(figsize=(10, 5.6), dpi=110, facecolor=palette.paper, layout="constrained")
        axes = figure.add_subplot()
    else:
        if not isinstance(axes, MatplotlibAxes):
            raise KinesisFakeError(f"axes of plot() must be axes of matplotlib, not {shown(axes)}.")
        figure = cast("Any", axes).figure
    _Drawing(scene, palette, axes).draw()
    return figure


def png(scene: Scene, theme: Theme = "light") -> bytes:
    """A scene as the bytes of a PNG file."""
    buffer = io.BytesIO()
    plot(scene, theme).savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()


class _Drawing:
    """One scene on one pair of axes. Time runs to the right in seconds, hash keys upwards from 0 to 1."""

    def __init__(self, scene: Scene, palette: Palette, axes: Any) -> None:
        self.scene = scene
        self.palette = palette
        self.axes = axes
        self.bands = {band.shard_id: band for band in scene.bands}
        self.is_crowded = len(scene.bands) > _MAX_NAMED
        self.legend: list[tuple[Any, str]] = []

    def draw(self) -> None:
        self._set_up()
        self._draw_bands()
        self._draw_reshards()
        self._draw_retention()
        self._draw_records()
        self._draw_positions()
        self._draw_failures()
        self._draw_legend()

    def _seconds(self, instant: int) -> float:
        return (instant - self.scene.begins_at) / 1000

    def _set_up(self) -> None:
        from matplotlib.ticker import MultipleLocator

        scene, palette, axes = self.scene, self.palette, self.axes
        axes.set_facecolor(palette.paper)
        width = self._seconds(scene.ends_at)
        # Calls that are about no shard have a row of their own below the hash keys.
        self.below = -0.07
        axes.set_xlim(-0.01 * width, 1.01 * width)
        has_row = any(sign.shard_id not in self.bands for sign in scene.signs)
        axes.set_ylim(self.below - 0.05 if has_row else -0.02, 1.02)
        axes.set_yticks([0, 0.25, 0.5, 0.75, 1], ["0", "2¹²⁶", "2¹²⁷", "¾·2¹²⁸", "2¹²⁸"])
        axes.xaxis.set_major_locator(MultipleLocator(next((step for step in _STEPS if width / step <= 8), width / 6)))
        axes.xaxis.set_major_formatter(self._instant)
        axes.tick_params(colors=palette.faint, labelcolor=palette.ink)
        for name, spine in axes.spines.items():
            spine.set_visible(name in ("left", "bottom"))
            spine.set_color(palette.faint)
        axes.set_ylabel("hash key", color=palette.ink)
        begins = datetime_of(scene.begins_at)
        axes.set_xlabel(f"virtual time, UTC, from {begins:%Y-%m-%d}", color=palette.ink)
        open_shards = sum(band.is_open for band in scene.bands)
        shards = f"{len(scene.bands)} shards, {open_shards} open" if len(scene.bands) != 1 else "1 shard"
        axes.set_title(f"{scene.stream_name}: {shards}", color=palette.ink, loc="left", fontweight="bold")

    def _instant(self, seconds: float, _: int) -> str:
        instant = datetime_of(self.scene.begins_at) + timedelta(seconds=seconds)
        width = self._seconds(self.scene.ends_at)
        if width > 2 * 86_400:
            return f"{instant:%m-%d %H:%M}"
        return f"{instant:%H:%M:%S}" if width > 10 else f"{instant:%S}.{instant.microsecond // 100_000} s"

    def _draw_bands(self) -> None:
        from matplotlib.collections import PatchCollection
        from matplotlib.patches import Patch, Rectangle

        for is_open, colour, word in (
            (True, self.palette.open_band, "open shard"),
            (False, self.palette.closed_band, "closed shard"),
        ):
            boxes = []
            for band in self.scene.bands:
                if band.is_open is is_open:
                    left, right = self._seconds(band.begins_at), self._seconds(band.ends_at)
                    low, high = band.low / HASH_KEY_SPACE, (band.high + 1) / HASH_KEY_SPACE
                    boxes.append(Rectangle((left, low), right - left, high - low))
            if boxes:
                # Lines of many narrow bands would cover their colour.
                edge, line = (self.palette.paper, 0.25) if self.is_crowded else (self.palette.edge, 0.9)
                collection = PatchCollection(boxes, facecolor=colour, edgecolor=edge, linewidth=line)
                self.axes.add_collection(collection)
                self.legend.append((Patch(facecolor=colour, edgecolor=self.palette.edge), word))
        if not self.is_crowded:
            for band in self.scene.bands:
                self._name(band)

    def _name(self, band: Band) -> None:
        """Write the number of a shard where it begins, unless it was there for a moment only: then there is no room."""
        width = self._seconds(self.scene.ends_at)
        long_enough = self._seconds(band.ends_at) - self._seconds(band.begins_at) > 0.03 * width
        if long_enough and (band.high - band.low) / HASH_KEY_SPACE > 0.02:
            self.axes.annotate(
                str(band.number),
                (self._seconds(band.begins_at), (band.high + 1) / HASH_KEY_SPACE),
                xytext=(4, -4),
                textcoords="offset points",
                ha="left",
                va="top",
                fontsize=9,
                color=self.palette.ink,
                zorder=6,
            )

    def _draw_reshards(self) -> None:
        """A line where children begin: from the middle of each parent to the middle of the child."""
        if self.is_crowded:
            return
        for band in self.scene.bands:
            for parent in (self.bands[parent] for parent in band.parents if parent in self.bands):
                at = self._seconds(band.begins_at)
                self.axes.plot(
                    [at, at], [_middle(parent), _middle(band)], color=self.palette.ink, linewidth=1.2, zorder=4
                )
                self.axes.plot([at], [_middle(band)], marker=".", color=self.palette.ink, markersize=5, zorder=4)

    def _draw_retention(self) -> None:
        from matplotlib.patches import Patch, Rectangle

        if self.scene.horizon <= self.scene.begins_at:
            return
        until = self._seconds(min(self.scene.horizon, self.scene.ends_at))
        shade = (0.0, 0.0), until, 1.0
        style: dict[str, Any] = {
            "facecolor": self.palette.taken,
            "alpha": 0.45,
            "hatch": "///",
            "edgecolor": self.palette.faint,
        }
        self.axes.add_patch(Rectangle(*shade, linewidth=0, zorder=3, **style))
        taken = sum(band.taken for band in self.scene.bands)
        self.legend.append((Patch(linewidth=0, **style), f"retention has taken {taken:,} records"))

    def _draw_records(self) -> None:
        records = [record for band in self.scene.bands for record in band.records]
        if not records:
            return
        shown = records[:: -(-len(records) // _MAX_RECORDS)]
        size = 16 if len(shown) <= 300 else 9 if len(shown) <= 1_500 else 5
        marks = self.axes.scatter(
            [self._seconds(arrived_at) for _, arrived_at in shown],
            [hash_key / HASH_KEY_SPACE for hash_key, _ in shown],
            s=size,
            color=self.palette.record,
            alpha=0.9 if len(shown) <= 1_500 else 0.55,
            linewidths=0,
            zorder=5,
        )
        one_of = f", 1 of {-(-len(records) // _MAX_RECORDS)} shown" if len(shown) < len(records) else ""
        self.legend.append((marks, f"{len(records):,} record{'' if len(records) == 1 else 's'}{one_of}"))

    def _draw_positions(self) -> None:
        read = [band for band in self.scene.bands if band.read_until is not None]
        if not read:
            return
        marks = self.axes.scatter(
            [self._seconds(max(band.read_until or 0, band.begins_at)) for band in read],
            [_middle(band) for band in read],
            marker=">",
            s=24 if self.is_crowded else 70,
            color=self.palette.read,
            edgecolors=self.palette.paper,
            linewidths=0.6,
            zorder=7,
        )
        self.legend.append((marks, "read until here"))

    def _draw_failures(self) -> None:
        for failure, mark in _MARKS.items():
            signs = [sign for sign in self.scene.signs if sign.failure == failure]
            if not signs:
                continue
            colour: str = getattr(self.palette, failure)
            marks = self.axes.scatter(
                [self._seconds(sign.at) for sign in signs],
                [_middle(self.bands[sign.shard_id]) if sign.shard_id in self.bands else self.below for sign in signs],
                marker=mark,
                s=34 if self.is_crowded else 60,
                facecolors=self.palette.paper if failure == "lost" else colour,
                edgecolors=colour if failure == "lost" else self.palette.paper,
                linewidths=1.6 if failure == "lost" else 0.6,
                zorder=8,
            )
            self.legend.append((marks, counted(len(signs), _WORDS[failure])))

    def _draw_legend(self) -> None:
        handles: Iterable[Any] = [handle for handle, _ in self.legend]
        legend = self.axes.legend(
            handles,
            [word for _, word in self.legend],
            loc="upper center",
            bbox_to_anchor=(0.5, -0.13),
            ncols=min(len(self.legend), 5) or 1,
            frameon=False,
            fontsize=9,
        )
        for text in legend.get_texts():
            text.set_color(self.palette.ink)


def _middle(band: Band) -> float:
    return (band.low + band.high + 1) / 2 / HASH_KEY_SPACE
