"""What a notebook shows of a stream: the plot where matplotlib is installed, else the diagram."""

from __future__ import annotations

from html import escape
from importlib.util import find_spec

from kinesis_fake.domain.stream import Stream
from kinesis_fake.toolkit.backstage import Backstage
from kinesis_fake.toolkit.pictures.diagram import diagram
from kinesis_fake.toolkit.pictures.plot import png
from kinesis_fake.toolkit.pictures.scene import scene_of


def png_of(backstage: Backstage, stream: Stream) -> bytes | None:
    """The plot as a PNG file; None without matplotlib, so that a notebook shows something else."""
    return png(scene_of(backstage, stream)) if _has_matplotlib() else None


def html_of(backstage: Backstage, stream: Stream) -> str | None:
    """The diagram as HTML; None with matplotlib, because a notebook would prefer it to the plot."""
    return None if _has_matplotlib() else f"<pre>{escape(diagram(scene_of(backstage, stream)))}</pre>"


def _has_matplotlib() -> bool:
    try:
        return find_spec("matplotlib") is not None
    except ValueError:  # a test has put None into the place of the module
        return False
