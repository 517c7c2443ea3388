"""Whether what was sent and what is there add up, and the table that says so. Values only."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from soak.found import Found
from soak.ledger import Ledger
from soak.memory import Growth

_SHOWN = 3
"""So many of those that are at fault are named."""


@dataclass(frozen=True)
class Line:
    """One line of the table, and what of it does not add up."""

    title: str
    figure: str
    remark: str = ""
    problem: str = ""


def reckon(ledger: Ledger, found: Found, memory: Mapping[str, Growth]) -> list[Line]:
    """The table; it adds up where no line has a problem."""
    return [*_pushes(ledger, found), *_others(ledger, found), *_told(found), *_services(found, memory)]


def adds_up(lines: Iterable[Line]) -> bool:
    """Whether nothing is lost, nothing stands twice, and nothing grew."""
    return not any(line.problem for line in lines)


def _pushes(ledger: Ledger, found: Found) -> Iterator[Line]:
    pushes = ledger.pushes.values()
    kinds = Counter(one.kind for one in pushes if one.kind != "usual") + ledger.extra
    yield Line("pushes sent", f"{len(pushes)}", _counted(kinds))
    received = [one.id for one in pushes if one.accepted]
    yield Line(
        "  received",
        f"{len(received)}",
        f"in {ledger.attempts} webhooks",
        _named("never accepted", [one.id for one in pushes if not one.accepted]),
    )
    refused = sum(ledger.refused.values())
    yield Line("  refused and resent", f"{refused}", _counted(ledger.refused))
    yield _recorded("  recorded", received, found)
    asked = [one.snapshot for one in pushes if one.accepted and one.snapshot]
    yield _recorded("  snapshots they ask for", asked, found)
    yield Line("  analyses in history", f"{sum(found.records.values())}", "lessons included", _twice(found))


def _recorded(title: str, wanted: list[str], found: Found) -> Line:
    parked = {letter.event_id for letter in found.letters}
    there = [one for one in wanted if found.analyses[one]]
    lost = [one for one in wanted if not found.analyses[one] and one not in parked]
    gone = [one for one in wanted if not found.analyses[one] and one in parked]
    double = [one for one in wanted if found.analyses[one] > 1]
    problems = (_named("lost", lost), _named("parked", gone), _named("count twice", double))
    return Line(title, f"{len(there)}", f"of {len(wanted)}", _joined(problems))


def _twice(found: Found) -> str:
    return _named("twice", [one for one, count in found.records.items() if count > 1])


def _others(ledger: Ledger, found: Found) -> Iterator[Line]:
    lessons = ledger.lessons.values()
    accepted = [one.id for one in lessons if one.accepted]
    yield Line(
        "lessons sent",
        f"{len(lessons)}",
        f"accepted {len(accepted)}",
        _named("never accepted", [one.id for one in lessons if not one.accepted]),
    )
    yield _recorded("  committed", accepted, found)
    yield Line("other calls of skills", f"{sum(ledger.calls.values())}", _counted(ledger.calls))
    turned_away = sum(ledger.turned_away.values())
    yield Line("broken or foreign webhooks", f"{turned_away}", _counted(ledger.turned_away))
    yield Line("answers that are wrong", f"{len(ledger.wrong)}", problem=_named("wrong", ledger.wrong))
    yield _parked(ledger, found)


def _parked(ledger: Ledger, found: Found) -> Line:
    ids = Counter(letter.event_id for letter in found.letters)
    missing = [one for one in ledger.poison if not ids[one]]
    double = [one for one in ledger.poison if ids[one] > 1]
    foreign = [
        f"{letter.event_id or 'a message without id'} in {letter.subscription}: {letter.reason}"
        for letter in found.letters
        if letter.event_id not in ledger.poison
    ]
    reasons = Counter(letter.reason.partition(":")[0][:50] for letter in found.letters)
    problems = (_named("not parked", missing), _named("twice", double), _named("unexpected", foreign))
    remark = f"of {len(ledger.poison)} that nobody can read; {_counted(reasons)}"
    return Line("parked", f"{len(found.letters)}", remark, _joined(problems))


def _told(found: Found) -> Iterator[Line]:
    yield Line(
        "commits of the base",
        f"{found.commits}",
        "all announced",
        _joined(
            (
                _number(found.unannounced, "never announced"),
                _number(found.uncomputed, "repositories without a comparison"),
                _number(found.undecided, "comparisons without a decision"),
            )
        ),
    )
    notices = found.notices
    arrived = [one for one in notices.values() if one.arrived]
    again = sum(one.arrived - 1 for one in arrived)
    missing = [f"{id_} ({one.state})" for id_, one in notices.items() if not one.arrived]
    yield Line("notices decided", f"{len(notices)}")
    yield Line("  notified", f"{len(arrived)}", f"{again} more than once", _named("never arrived", missing))
    unfinished = {name: count for name, count in found.undelivered.items() if count}
    yield Line(
        "still on their way",
        f"{sum(unfinished.values())}",
        problem=_counted(Counter(unfinished)) if unfinished else "",
    )
    yield Line(
        "devnexus kb verify", f"{len(found.verified)} findings", problem=_named("finding", found.verified)
    )


def _services(found: Found, memory: Mapping[str, Growth]) -> Iterator[Line]:
    excused = Counter(f"{one.service} ({one.excuse})" for one in found.endings if one.excuse)
    alone = [f"{one.service} with status {one.status}" for one in found.endings if not one.excuse]
    yield Line(
        "ended by themselves",
        f"{len(found.endings)}",
        _counted(excused),
        _named("without a reason", alone),
    )
    yield Line(
        "not gone 10 s after SIGTERM",
        f"{len(found.slow_ends)}",
        problem=_named("killed then", found.slow_ends),
    )
    yield Line("tracebacks", f"{len(found.tracebacks)}", problem=_named("bug", found.tracebacks))
    for service, grown in memory.items():
        yield Line(f"memory of {service}", *_weighed(grown))


def _weighed(grown: Growth) -> tuple[str, str, str]:
    if grown.first is None or grown.last is None:
        return f"{grown.most:.0f} MB", "at most; too short to say whether it grows", ""
    change = f"{grown.first:.0f} → {grown.last:.0f} MB"
    remark = f"{grown.last - grown.first:+.0f}, at most {grown.most:.0f}; bound {grown.bound:.0f}"
    return change, remark, "it grows" if grown.is_too_much else ""


def as_text(lines: Iterable[Line]) -> Iterator[str]:
    """The table, line by line."""
    for line in lines:
        yield f"{'!' if line.problem else ' '} {line.title:<28}{line.figure:>15}  {line.remark}".rstrip()
        if line.problem:
            yield f"    {line.problem}"


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))


def _named(what: str, names: Iterable[str]) -> str:
    found = list(names)
    more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    return f"{len(found)} {what}: {'; '.join(found[:_SHOWN])}{more}" if found else ""


def _number(count: int, what: str) -> str:
    return f"{count} {what}" if count else ""


def _joined(problems: Iterable[str]) -> str:
    return ". ".join(filter(None, problems))
