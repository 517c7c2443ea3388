"""Templates become pages. What repositories say about themselves is shown as text, whatever it holds."""

import hashlib
import re
from datetime import datetime
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from devnexus.alike import sentences
from devnexus.timestamps import as_utc, write

_HERE = Path(__file__).parent
_PACKAGE = _HERE.parent

_NOT_TEXT = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)
"""Controls, and characters that cannot be seen or turn the direction of what follows; joiners are text."""

STYLE = (_HERE / "style.css").read_bytes()
STYLE_NAME = f"style-{hashlib.sha256(STYLE).hexdigest()[:12]}.css"


def render(template: str, **values: object) -> str:
    """The page that `template` makes of these values."""
    return _environment().get_template(template).render(style=f"/{STYLE_NAME}", **values)


@cache
def build() -> str:
    """Changes whenever the code or the templates of this package do."""
    content = hashlib.sha256()
    for path in sorted(_PACKAGE.rglob("*")):
        if path.suffix in {".py", ".html", ".css"}:
            content.update(path.read_bytes())
    return content.hexdigest()[:12]


def visible(value: object) -> object:
    """`value` with what cannot be seen in a text shown as its number, so that nothing can pose as another."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return _NOT_TEXT.sub(lambda match: f"\N{LEFT CEILING}{ord(match[0]):X}\N{RIGHT CEILING}", value)
    return value


def counted(number: int, one: str, many: str | None = None) -> str:
    """`1 push`, `2 pushes`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def minute(moment: datetime) -> Markup:
    """`2026-05-03 14:05`, in UTC."""
    return Markup('<time datetime="{}">{}</time>').format(write(moment), f"{as_utc(moment):%Y-%m-%d %H:%M}")


def day(moment: datetime) -> Markup:
    """`3 May 2026`, in UTC."""
    return Markup('<time datetime="{}">{}</time>').format(write(moment), sentences.day(moment))


def ago(seconds: int) -> str:
    """`40 seconds`, `3 minutes`, `2 hours`."""
    for size, unit in ((3600, "hour"), (60, "minute")):
        if seconds >= 2 * size:
            return counted(seconds // size, unit)
    return counted(seconds, "second")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=visible,
    )
    environment.filters.update(counted=counted, minute=minute, day=day, ago=ago, shares=sentences.shares)
    return environment
