"""A hook of mkdocs: docstrings mark names as Sphinx does, ``:class:`Name```; the pages show just the name."""

import re

_ROLE = re.compile(r":(?:class|func|meth|mod|data):<code>~?([^<]*)</code>")


def on_page_content(html: str, **_: object) -> str:
    return _ROLE.sub(r"<code>\1</code>", html)
