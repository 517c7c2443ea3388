"""Every text that `devnexus try` shows to people: at most 25 lines, unless all is asked for."""

import textwrap
from collections import Counter
from collections.abc import Sequence

from devnexus.printable import printable
from devnexus_cli.figures import count
from devnexus_cli.first_look.look import Look, Seen
from devnexus_cli.first_look.remark import Remark, worth_telling
from devnexus_cli.repository_text import (
    pattern_line,
    redacted,
    secrets_of,
    strongest_first,
    sure,
    what_it_is,
)

MOST_LINES = 25

_PATTERNS_SHOWN = 3
_LEFT_OUT_SHOWN = 2
_REASONS_SHOWN = 5
_DESCRIPTION_CHARACTERS = 60
_FEWEST_REPOSITORIES_SHOWN = 4


def short(look: Look, *, seconds: float, width: int) -> str:
    """What is worth knowing at once: up to three remarks, a line for each repository, what was read."""
    told = worth_telling(look.remarks)
    above = [_headline(look, seconds), "", *_remark_lines(look, told, width), ""]
    below = [*_read_lines(look, width, most=_LEFT_OUT_SHOWN), _hint(look, told)]
    room = max(MOST_LINES - len(above) - len(below) - 1, _FEWEST_REPOSITORIES_SHOWN)
    return _joined([*above, *_repository_lines(look.seen, width, room), "", *below])


def full(look: Look, *, seconds: float, width: int) -> str:
    """Every remark, and every pattern with its places."""
    lines = [_headline(look, seconds), "", *_remark_lines(look, look.remarks, width)]
    for one in look.seen:
        patterns = strongest_first(one.projection)
        widest = max((len(pattern.name) for pattern in patterns), default=0)
        lines += ["", f"{one.clone.name}   {what_it_is(one.projection)}"]
        lines += [pattern_line(pattern, widest) for pattern in patterns] or [
            "  no pattern has enough evidence"
        ]
    return _joined([*lines, "", *_read_lines(look, width, most=len(look.left_out))])


def nothing_read(look: Look) -> str:
    """Why there is nothing to tell."""
    reasons = look.left_out or ("no path holds a repository",)
    return _joined([f"No repository was read. {reasons[0]}", *reasons[1:]])


def _headline(look: Look, seconds: float) -> str:
    read = sum(one.record.receipt.read for one in look.seen)
    repositories = count(len(look.seen), "repository", "repositories")
    return f"{count(read, 'file')} of {repositories} read in {seconds:.1f} s, here and nowhere else"


def _remark_lines(look: Look, told: Sequence[Remark], width: int) -> list[str]:
    if not told:
        alone = "; give it the repositories next to it to compare" if len(look.seen) == 1 else ""
        return [f"Nothing stands out enough to be acted on{alone}."]
    lines: list[str] = []
    for remark in told:
        wrapped = textwrap.wrap(
            f"! {printable(remark.text)}",
            width,
            subsequent_indent="  ",
            break_long_words=False,
            break_on_hyphens=False,
        )
        lines += wrapped
    return lines


def _repository_lines(seen: Sequence[Seen], width: int, room: int) -> list[str]:
    shown = seen if len(seen) <= room else seen[: room - 1]
    widest = max(len(one.clone.name) for one in shown)
    lines = [_cut(f"{one.clone.name:<{widest}}  {_in_a_line(one)}", width) for one in shown]
    if len(seen) > len(shown):
        lines.append(f"and {count(len(seen) - len(shown), 'more repository', 'more repositories')}")
    return lines


def _in_a_line(one: Seen) -> str:
    found = [
        f"{pattern.name} {sure(pattern.confidence)}"
        for pattern in strongest_first(one.projection)[:_PATTERNS_SHOWN]
    ]
    more = len(one.projection.standing_patterns) - len(found)
    patterns = ", ".join(found) + (f" and {more} more" if more else "") or "no pattern has enough evidence"
    said = _cut(one.projection.description or "", _DESCRIPTION_CHARACTERS)
    language = one.projection.primary_language or "no code that we know"
    return " · ".join(part for part in (language, patterns, said) if part)


def _read_lines(look: Look, width: int, *, most: int) -> list[str]:
    skipped: Counter[str] = Counter()
    for one in look.seen:
        for group in (*one.record.receipt.not_read, *one.record.receipt.clipped):
            skipped[group.reason] += group.count
    reasons = [f"{number} × {reason}" for reason, number in skipped.most_common(_REASONS_SHOWN)]
    lines = [_cut(f"Not read: {', '.join(reasons) or 'nothing, every file was'}", width)]
    if taken := secrets_of([one.record for one in look.seen]):
        by_kind = sorted(redacted(taken))
        lines.append(_cut(f"Redacted: {'; '.join(by_kind)}", width))
    shown = look.left_out[:most]
    lines += [_cut(f"Left out: {reason}", width) for reason in shown]
    if len(look.left_out) > len(shown):
        lines.append(f"and {len(look.left_out) - len(shown)} more left out")
    return lines


def _hint(look: Look, told: Sequence[Remark]) -> str:
    kept = len(look.remarks) - len(told)
    weaker = f"{count(kept, 'further remark')}, " if kept else ""
    return f"More: --all ({weaker}every pattern with its lines) · REPOS=… make run keeps it up to date"


def _cut(text: str, width: int) -> str:
    text = printable(text)
    return text if len(text) <= width else f"{text[: width - 1]}…"


def _joined(lines: Sequence[str]) -> str:
    return "\n".join(printable(line) for line in lines)
