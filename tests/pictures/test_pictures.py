"""The pictures themselves: the diagram as text, the plot as a PNG file, in reports and in notebooks."""

from __future__ import annotations

import runpy
import struct
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import botocore
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from kinesis_fake import Fault, KinesisFake, KinesisFakeError

if TYPE_CHECKING:  # it takes half a second, in each worker of a run
    from matplotlib.axes import Axes

CHECKOUT = Path(__file__).parents[2]

pytestmark = pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", streams={"orders": 2})

DIAGRAM = """\
orders, 2026-01-01T00:00:00.000Z to 2026-01-01T00:00:56.000Z, a column is 1 s
    0 --------o>-o                                              split into 2 and 3, 2 records
    2             ============================================
    3             =======o====================================  1 record
    1 ===o===!================================================  1 record
calls         x
      = open shard, - closed shard, o record, > read until here, ! throttled call, x refused call"""


def prepare(kinesis: KinesisFake) -> None:
    """Two shards, one of them split, with records, a reader, a throttled call and a refused one."""
    client = kinesis.client(config=Config(retries={"total_max_attempts": 1}))
    stream = kinesis.stream("orders")
    shard: dict[str, Any] = {"StreamName": "orders", "ShardIteratorType": "TRIM_HORIZON"}
    iterators = [client.get_shard_iterator(ShardId=each.shard_id, **shard)["ShardIterator"] for each in stream.shards]
    kinesis.advance(seconds=3)
    stream.put(b"1", "k", explicit_hash_key=2**127)
    kinesis.advance(seconds=4)
    with kinesis.inject(Fault.throttle("GetRecords")), suppress(ClientError):
        client.get_records(ShardIterator=iterators[1])
    kinesis.advance(seconds=1)
    stream.put(b"2", "k", explicit_hash_key=0)
    with suppress(ClientError):
        client.put_record(StreamName="orders", Data=b"", PartitionKey="k", ExplicitHashKey=str(2**128))
    kinesis.advance(seconds=3)
    stream.put(b"3", "k", explicit_hash_key=0)
    client.get_records(ShardIterator=iterators[0], Limit=1)
    kinesis.advance(seconds=1)
    stream.split("shardId-000000000000")
    kinesis.advance(seconds=7)
    stream.put(b"4", "k", explicit_hash_key=2**127 - 1)
    kinesis.advance(seconds=37)


def test_the_diagram_is_a_line_for_each_shard(kinesis: KinesisFake) -> None:
    prepare(kinesis)
    told = kinesis.stream("orders").diagram()
    assert "\n".join(line.rstrip() for line in told.splitlines()) == DIAGRAM


def test_the_diagram_of_many_shards_shows_those_where_something_happened(kinesis: KinesisFake) -> None:
    stream = kinesis.create_stream("wide", shards=200)
    stream.put(b"1", shard="shardId-000000000150")
    lines = stream.diagram().splitlines()
    assert [line.split()[0] for line in lines[1:3]] == ["150", "and"]
    assert lines[2].strip() == "and 199 more shards"
    assert all(len(line) < 130 for line in lines)


def size_of(png: bytes) -> tuple[int, ...]:
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    return struct.unpack(">II", png[16:24])


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_plot_is_a_figure_in_the_colours_of_its_theme(kinesis: KinesisFake, theme: str, tmp_path: Path) -> None:
    from matplotlib.colors import to_rgba

    prepare(kinesis)
    figure = kinesis.stream("orders").plot(theme=theme)  # type: ignore[arg-type]
    red, green, blue, _ = to_rgba(figure.get_facecolor())
    assert (min(red, green, blue) > 0.9) if theme == "light" else (max(red, green, blue) < 0.2)
    figure.savefig(tmp_path / "orders.png")
    width, height = size_of((tmp_path / "orders.png").read_bytes())
    assert width > 900
    assert height > 500


def legend_of(axes: Axes) -> list[str]:
    legend = axes.get_legend()
    assert legend is not None
    return [text.get_text() for text in legend.get_texts()]


def test_the_plot_says_what_it_shows(kinesis: KinesisFake) -> None:
    prepare(kinesis)
    (axes,) = kinesis.stream("orders").plot().axes
    assert axes.get_title(loc="left") == "orders: 4 shards, 3 open"
    assert legend_of(axes) == [
        "open shard",
        "closed shard",
        "4 records",
        "read until here",
        "1 throttled call",
        "1 refused call",
    ]
    assert {text.get_text() for text in axes.texts} == {"0", "1", "2", "3"}
    assert [len(bands.get_paths()) for bands in axes.collections[:2]] == [3, 1]


def test_the_plot_tells_what_retention_has_taken(kinesis: KinesisFake) -> None:
    from matplotlib.patches import Rectangle

    kinesis.stream("orders").put_many([b"1", b"2"])
    kinesis.advance(hours=25)
    (axes,) = kinesis.stream("orders").plot().axes
    assert "retention has taken 2 records" in legend_of(axes)
    (shade,) = axes.patches
    assert isinstance(shade, Rectangle)
    assert shade.get_width() == 3600


def test_many_shards_are_not_named(kinesis: KinesisFake) -> None:
    (axes,) = kinesis.create_stream("wide", shards=200).plot().axes
    assert list(axes.texts) == []
    assert len(axes.collections[0].get_paths()) == 200


def test_the_plot_draws_into_axes_that_are_given(kinesis: KinesisFake) -> None:
    from matplotlib.figure import Figure

    figure = Figure()
    above, below = figure.subplots(2)
    assert kinesis.stream("orders").plot(above) is figure
    assert above.get_title(loc="left") == "orders: 2 shards, 2 open"
    assert below.get_title(loc="left") == ""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"theme": "blue"}, "theme of plot() must be 'light' or 'dark', not 'blue'."),
        ({"theme": ["dark"]}, "theme of plot() must be 'light' or 'dark', not ['dark']."),
        ({"axes": 5}, "axes of plot() must be axes of matplotlib, not 5."),
        ({"axes": []}, "axes of plot() must be axes of matplotlib, not []."),
    ],
)
def test_what_cannot_be_plotted_is_refused(kinesis: KinesisFake, arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(KinesisFakeError) as caught:
        kinesis.stream("orders").plot(**arguments)
    assert str(caught.value) == message


@pytest.mark.thorough
def test_without_matplotlib_the_plot_says_what_to_install(
    kinesis: KinesisFake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(KinesisFakeError) as caught:
        kinesis.stream("orders").plot()
    assert str(caught.value) == (
        "plot() needs matplotlib, which is not installed: pip install 'kinesis-fake[plot]'. diagram() shows the stream "
        "as text."
    )


def test_a_notebook_shows_the_plot_or_else_the_diagram(kinesis: KinesisFake, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = kinesis.stream("orders")
    png = stream._repr_png_()
    assert png is not None
    assert size_of(png)
    assert stream._repr_html_() is None
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert stream._repr_png_() is None
    html = stream._repr_html_()
    assert html is not None
    assert html.startswith("<pre>orders, 2026-01-01T00:00:00.000Z to ")


FAILING = """
    import pytest

    @pytest.mark.fake_kinesis(start="2026-01-01T00:00:00Z", streams={"orders": 1})
    @pytest.mark.parametrize("number", ["a/b"])
    def test_orders(kinesis, number):
        kinesis.stream("orders").put(b"1")
        assert number == "c"
"""


@pytest.mark.thorough
def test_a_failing_test_shows_pictures_on_demand(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_it=FAILING)
    result = pytester.runpytest_inprocess("--kinesis-diagrams", "--kinesis-plots=pictures")
    result.assert_outcomes(failed=1)
    path = "pictures/test_it.py.test_orders-a-b-orders.png"
    result.stdout.fnmatch_lines(
        ["*- kinesis stream orders -*", "orders, 2026-01-01T00:00:00.000Z to *", "*- kinesis plot of orders -*", path]
    )
    assert size_of((pytester.path / path).read_bytes())


def test_a_failing_test_shows_no_picture_unless_it_is_asked_for(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_it=FAILING)
    result = pytester.runpytest_inprocess()
    result.assert_outcomes(failed=1)
    result.stdout.no_fnmatch_line("*kinesis stream orders*")
    result.stdout.no_fnmatch_line("*kinesis plot*")


@pytest.mark.thorough
@pytest.mark.skipif(
    tuple(map(int, botocore.__version__.split(".")[:2])) < (1, 44),
    reason="the backoff between retries, which the picture shows, is that of botocore 1.44",
)
def test_the_pictures_of_the_documentation_are_drawn_by_the_command_that_it_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    main = runpy.run_path(str(CHECKOUT / "docs/pictures.py"))["main"]
    monkeypatch.setitem(main.__globals__, "ASSETS", tmp_path)
    main()
    drawn = {path.name for path in tmp_path.glob("*.png")}
    assert drawn == {path.name for path in (CHECKOUT / "docs/assets").glob("picture-*.png")}
    assert len(drawn) == 8
    page = (CHECKOUT / "docs/pictures.md").read_text(encoding="utf-8")
    assert "python docs/pictures.py" in page
    assert [name for name in drawn if name not in page] == []
    diagrams = capsys.readouterr().out.strip().split("\n\n")
    (orders,) = [diagram for diagram in diagrams if diagram.startswith("orders,")]
    assert "\n".join(line.rstrip() for line in orders.splitlines()) in page


def test_the_row_below_the_hash_keys_is_there_for_calls_about_no_shard_alone(kinesis: KinesisFake) -> None:
    def lowest() -> float:
        return float(kinesis.stream("orders").plot().axes[0].get_ylim()[0])

    client = kinesis.client(config=Config(retries={"total_max_attempts": 1}))
    assert lowest() > -0.05
    shard: dict[str, Any] = {"StreamName": "orders", "ShardId": "shardId-000000000000", "ShardIteratorType": "LATEST"}
    with kinesis.inject(Fault.throttle("GetShardIterator")), suppress(ClientError):
        client.get_shard_iterator(**shard)
    assert lowest() > -0.05
    with kinesis.inject(Fault.throttle("PutRecords")), suppress(ClientError):
        client.list_shards(StreamName="orders")
        client.put_records(StreamName="orders", Records=[{"Data": b"", "PartitionKey": key} for key in ("a", "b")])
    assert lowest() < -0.1
