"""Every text that `devnexus extract` shows to people."""

from collections.abc import Iterable, Iterator, Sequence

from devnexus.printable import printable
from devnexus_cli.extraction.extracted import Extracted, FoundPattern
from devnexus_cli.figures import count
from devnexus_cli.repository_text import sure

_ROWS_SHOWN = 4
_SHOWN = 20
_NAMED = 2
_WEAK = "weak"


def text(found: Extracted) -> str:
    """One section for each kind of thing that there is; `--json` holds what is cut here."""
    sections = [
        [_headline(found)],
        _section("Patterns", _patterns(found)),
        _section("Decisions", _decisions(found)),
        _section("Dependencies", _dependency_changes(found)),
        _section("Components", _components(found)),
        _section("Facts", (f"{one.about}: {one.name}  {one.path}:{one.line}" for one in found.facts)),
        _section("Receipt", _receipt(found)),
    ]
    return "\n\n".join("\n".join(printable(line) for line in section) for section in sections if section)


def _headline(found: Extracted) -> str:
    files = ", ".join(f"{language} {number}" for language, number in found.languages.items())
    where = f"{found.before[:12]}..{found.after[:12]}" if found.before else f"at {found.after[:12]}"
    return f"{found.repository} {where}   {files or 'no code that we know'}"


def _section(title: str, lines: Iterable[str]) -> list[str]:
    whole = list(lines)
    cut = [f"  and {len(whole) - _SHOWN} more: --json"] if len(whole) > _SHOWN else []
    return [title, *(f"  {line}" for line in whole[:_SHOWN]), *cut] if whole else []


def _patterns(found: Extracted) -> Iterator[str]:
    told = [one for one in found.patterns if one.strength != _WEAK]
    width = max((len(one.name) for one in told), default=0)
    for one in told:
        warning = "  better avoided" if one.anti else ""
        yield f"{one.name:<{width}}  {one.strength:<6} {sure(one.confidence)}  {_places(one)}{warning}"
    if weak := len(found.patterns) - len(told):
        yield f"{count(weak, 'weaker one')}, below 0.50: --json"
    elif not told:
        yield "none"


def _places(one: FoundPattern) -> str:
    lines = (f"{_lines(row.path, row.start, row.end)}{' (new)' * row.introduced}" for row in one.evidence)
    shown = list(dict.fromkeys(lines))
    more = len(shown) + one.not_shown - len(shown[:_ROWS_SHOWN])
    return ", ".join(shown[:_ROWS_SHOWN]) + (f" and {more:,} more" if more else "")


def _decisions(found: Extracted) -> Iterator[str]:
    for one in found.decisions:
        where = f"{one.path}:{one.line or 1}" if one.path else f"commit {(one.commit or found.after)[:12]}"
        status = f" ({one.status})" if one.status else ""
        yield f"{one.kind}: {one.title}{status}  {sure(one.confidence)}  {where}"


def _dependency_changes(found: Extracted) -> Iterator[str]:
    for one in found.dependency_changes:
        versions = " → ".join(part for part in (one.before, one.after) if part)
        where = f"{one.path}:{one.line}" if one.line else one.path
        yield f"{one.change} {one.purl}  {versions}  {where}"


def _components(found: Extracted) -> Iterator[str]:
    for one in found.components:
        yield f"{one.name} ({one.kind})  {_lines(one.path, one.start, one.end)}  {one.description}".rstrip()


def _receipt(found: Extracted) -> Iterator[str]:
    receipt = found.receipt
    version = f"by the rules, version {receipt.rules_version}"
    yield f"{receipt.read} of {count(receipt.files, 'file')} read {version}"
    for group in (*receipt.not_read, *receipt.clipped):
        yield f"not read: {group.count} × {group.reason} ({_some(group.paths, group.count)})"
    for one in receipt.redacted:
        yield f"redacted: {one.count} × {one.kind} ({one.path or 'what was said of a commit'})"
    if receipt.unverified:
        yield f"dropped: {count(receipt.unverified, 'claim')} whose quote was not in the file"


def _some(paths: Sequence[str], number: int) -> str:
    return ", ".join(paths[:_NAMED]) + (", …" if number > _NAMED else "")


def _lines(path: str, start: int, end: int) -> str:
    return f"{path}:{start}" + (f"-{end}" if end > start else "")
