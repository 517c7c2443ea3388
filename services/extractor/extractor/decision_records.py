"""Architecture decision records, as files tell them: https://adr.github.io and its common templates."""

import re
from collections.abc import Sequence

from devnexus.events.patterns_extracted import Decision
from extractor.evidence import lines_of

_CONFIDENCE = 0.95
_PLACE = re.compile(
    r"(?:^|/)(?:adrs?|decisions|architecture[-_]decisions?|decision[-_]records?|architectural[-_]decisions)/"
    r"(?:[^/]+/){0,2}(?:adr[-_]?)?\d{1,8}[-_][^/]+\.(?:md|mdx|rst|adoc|txt)$",
    re.IGNORECASE,
)
_NO_RECORD = re.compile(r"template|example|index", re.IGNORECASE)
_HEADING = re.compile(r"(?:#{1,2}|=)[ \t]+(\S[^\n]{0,300})")
_NUMBER = re.compile(r"^(?:ADR[-_ ]?)?\d{1,8}\s*[.:–—-]?\s*|^ADR\s*[:–—-]\s*", re.IGNORECASE)
_STATUS_LINE = re.compile(r"[-*\s]{0,4}\**status\**\s*:\**\s*(\S[^\n]{0,60})", re.IGNORECASE)
_STATUS_HEADING = re.compile(r"#{1,4}\s*status\s*:?\s*$", re.IGNORECASE)
_UNDERLINE = re.compile(r"[=~*-]{3,}\s*$")
_LINES_LOOKED_AT = 60


def decision_record(path: str, text: str) -> tuple[Decision, ...]:
    """The decision that the file at `path` records; none where it is no such record or has no title."""
    if not _PLACE.search(path) or _NO_RECORD.search(path.rpartition("/")[2]):
        return ()
    lines = lines_of(text)[:_LINES_LOOKED_AT]
    found = _title(lines)
    if found is None:
        return ()
    line, title = found
    status = _status(lines)
    return (
        Decision(
            kind="adr",
            title=title[:200],
            status=status,
            confidence=_CONFIDENCE,
            path=path,
            line=line,
            quote=lines[line - 1].strip()[:300],
        ),
    )


def _title(lines: Sequence[str]) -> tuple[int, str] | None:
    """The line and the text of the first heading, without its number."""
    for number, line in enumerate(lines, 1):
        heading = _HEADING.match(line)
        text = heading[1] if heading else line if _is_underlined(lines, number) else ""
        title = _NUMBER.sub("", text.strip(), count=1).strip(" #=")
        if title:
            return number, title
    return None


def _is_underlined(lines: Sequence[str], number: int) -> bool:
    """Whether the line of this number is a heading of reStructuredText, not the end of front matter."""
    below = lines[number] if number < len(lines) else ""
    here = lines[number - 1].strip()
    return bool(here) and bool(_UNDERLINE.match(below)) and ":" not in here and here[0].isalnum()


def _status(lines: Sequence[str]) -> str | None:
    for number, line in enumerate(lines):
        if inline := _STATUS_LINE.match(line):
            return _word(inline[1])
        if _STATUS_HEADING.match(line):
            return next((_word(below) for below in lines[number + 1 : number + 5] if _word(below)), None)
    return None


def _word(text: str) -> str | None:
    match = re.search(r"[A-Za-z]{3,20}", text)
    return match[0].lower() if match else None
