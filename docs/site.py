"""The hooks of mkdocs: what the site takes from other places than its pages.

* Docstrings mark names as Sphinx does, ``:class:`Name```; the pages show just the name.
* The changelog is a page, and the version stands under every page.
* A table is put into a box of its own, which scrolls where the screen is narrow.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File

_CHECKOUT = Path(__file__).parents[1]
_ROLE = re.compile(r":(?:class|func|meth|mod|data):<code>~?([^<]*)</code>")
#: Code in a table that has several words, such as a message: it may be broken between them.
_PHRASE = re.compile(r"<code>([^<]*[^<\s]\s[^<]*)</code>")
#: Code of one word that fits into a line of a phone.
_WORD = re.compile(r"<code>([^<\s]{1,36})</code>")
_VERSION = re.compile(r'^__version__ = "(.*)"$', re.MULTILINE)


def on_config(config: Any) -> Any:
    source = (_CHECKOUT / "kinesis_fake/__init__.py").read_text(encoding="utf-8")
    version = _VERSION.findall(source)[0]
    config["copyright"] = f"kinesis_fake {version}, MIT licence. No product of Amazon."
    return config


def on_files(files: Any, config: Any) -> Any:
    text = (_CHECKOUT / "CHANGELOG.md").read_text(encoding="utf-8")
    files.append(File.generated(config, "changelog.md", content=text))
    return files


def on_page_content(html: str, **_: object) -> str:
    html = _ROLE.sub(r"<code>\1</code>", html)
    html = _WORD.sub(r'<code class="word">\1</code>', html)
    html = _PHRASE.sub(r'<code class="phrase">\1</code>', html)
    return html.replace("<table>", '<div class="wide"><table>').replace("</table>", "</table></div>")
