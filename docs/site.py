"""The hooks of mkdocs: what the site takes from other places than its pages.

* Docstrings mark names as Sphinx does, ``:class:`Name```; the pages link them to the reference.
* In the reference, links to a public name lead to its heading, and ``<!-- fields of Name -->`` becomes a table of its
  fields with the ``#:`` comments above them.
* The changelog is a page, and the version stands under every page.
* A table is put into a box of its own, which scrolls, and each of its cells knows the heading of its column: on a phone
  a row is a card, and the heading stands above each cell.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File

_CHECKOUT = Path(__file__).parents[1]
_ROLE = re.compile(r":(?:attr|class|func|meth|mod|data):<code>~?(?:kinesis_fake\.)?([^<]*)</code>")
#: The heading of a public name.
_NAME = re.compile(r"^(#+) (\w+)$", re.MULTILINE)
#: Code in a table that has several words, such as a message: it may be broken between them.
_PHRASE = re.compile(r"<code>([^<]*[^<\s]\s[^<]*)</code>")
#: Code of one word that fits into a line of a phone.
_WORD = re.compile(r"<code>([^<\s]{1,36})</code>")
_SOURCE = (_CHECKOUT / "kinesis_fake/__init__.py").read_text(encoding="utf-8")
#: The public names, each with the module that defines it. The package is read and not imported: it may lack botocore.
_HOMES: dict[str, str] = ast.literal_eval(_SOURCE.partition("_HOMES = ")[2].partition("}")[0] + "}")
#: What the reference shows for a name that is not public, and for what Sphinx writes before a block of code.
_SHOWN_AS = {
    "_NOT_GIVEN": "...",
    "DEFAULT_ACCOUNT_ID": "'123456789012'",
    "DEFAULT_REGION": "'us-east-1'",
    "REMEMBERED_CALLS": "10000",
    "State | None": "str | PathLike[str] | Mapping[str, Any] | None",
    "::</p>": ":</p>",
}
_TABLE = re.compile(r"<table>.*?</table>", re.DOTALL)
_HEADING = re.compile(r"<th\b[^>]*>(.*?)</th>", re.DOTALL)
_FIELDS = re.compile(r"^<!-- fields of (\w+) -->$", re.MULTILINE)
_VERSION = re.compile(r'^__version__ = "(.*)"$', re.MULTILINE)


def on_config(config: Any) -> Any:
    version = _VERSION.findall(_SOURCE)[0]
    config["copyright"] = f"kinesis_fake {version}, MIT licence. No product of Amazon."
    return config


def on_files(files: Any, config: Any) -> Any:
    text = (_CHECKOUT / "CHANGELOG.md").read_text(encoding="utf-8")
    files.append(File.generated(config, "changelog.md", content=text))
    return files


def on_page_markdown(markdown: str, page: Any, **_: object) -> str:
    if not page.file.src_uri.startswith("reference"):
        return markdown
    return _FIELDS.sub(_table_of_fields, _NAME.sub(_anchored, markdown))


def _anchored(heading: re.Match[str]) -> str:
    """The heading with the names under which other pages, signatures and docstrings link to it."""
    level, name = heading.groups()
    if name not in _HOMES:
        return heading[0]
    return f"[](){{#kinesis_fake.{_HOMES[name]}.{name}}}\n\n{level} {name} {{#kinesis_fake.{name}}}"


def _table_of_fields(marker: re.Match[str]) -> str:
    """The fields of a dataclass: their types, their defaults and what the comments above them say."""
    path = _CHECKOUT / "kinesis_fake" / f"{_HOMES[marker[1]].replace('.', '/')}.py"
    text = path.read_text(encoding="utf-8")
    (definition,) = [each for each in ast.parse(text).body if isinstance(each, ast.ClassDef) and each.name == marker[1]]
    fields = [each for each in definition.body if isinstance(each, ast.AnnAssign) and _is_shown(each)]
    has_defaults = any(isinstance(each.value, ast.Constant) for each in fields)
    rows = ["| field | type | default | what it is |", "|---|---|---|---|"]
    rows += [_row_of(each, text.splitlines()) for each in fields]
    return "\n".join(rows if has_defaults else (_without_default(row) for row in rows))


def _is_shown(field: ast.AnnAssign) -> bool:
    """Whether a field is for users: the others begin with an underscore."""
    return isinstance(field.target, ast.Name) and not field.target.id.startswith("_")


def _row_of(field: ast.AnnAssign, lines: list[str]) -> str:
    first = field.lineno - 1
    while lines[first - 1].strip().startswith("#:"):
        first -= 1
    comment = " ".join(line.strip().removeprefix("#:").strip() for line in lines[first : field.lineno - 1])
    default = f"`{ast.unparse(field.value)}`" if isinstance(field.value, ast.Constant) else ""
    kind = ast.unparse(field.annotation).replace("|", "\\|")
    return f"| `{ast.unparse(field.target)}` | `{kind}` | {default} | {comment.replace('``', '`')} |"


def _without_default(row: str) -> str:
    """A row without its third cell; an escaped bar is part of a cell."""
    cells = re.split(r"(?<!\\)\|", row)
    return "|".join(cells[:3] + cells[4:])


def on_page_content(html: str, **_: object) -> str:
    html = _ROLE.sub(_linked, html)
    html = _WORD.sub(r'<code class="word">\1</code>', html)
    for name, value in _SHOWN_AS.items():
        html = html.replace(name, value)
    html = _PHRASE.sub(r'<code class="phrase">\1</code>', html)
    return _TABLE.sub(_boxed, html)


def _boxed(table: re.Match[str]) -> str:
    """A table in its box; GitHub needs the backslash before a bar in code, and Markdown's own tables show it."""
    headings = [re.sub(r"<[^>]*>", "", heading).strip() for heading in _HEADING.findall(table[0])]
    rows = re.split(r"(?<=<tr>)", table[0])
    labelled = [_labelled(row, headings) for row in rows]
    return f'<div class="wide">{"".join(labelled)}</div>'.replace("\\|", "|")


def _labelled(row: str, headings: list[str]) -> str:
    """A row whose cells have the headings of their columns."""
    names = iter(headings)
    return re.sub(r"<td\b", lambda _: f'<td data-heading="{next(names, "")}"', row)


def _linked(role: re.Match[str]) -> str:
    """A link to a public name or to one of its members; a member without its type is one of the fake."""
    owner, _, member = role[1].rpartition(".")
    target = member if not owner and member in _HOMES else f"{owner or 'KinesisFake'}.{member}"
    code = f"<code>{role[1]}</code>"
    if target.partition(".")[0] not in _HOMES:
        return code
    return f'<autoref identifier="kinesis_fake.{target}" optional>{code}</autoref>'
