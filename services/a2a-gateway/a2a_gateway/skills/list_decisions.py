"""`list_decisions`: what repositories decided, and where it can be read."""

from collections.abc import Callable, Sequence

from a2a_gateway.answer import Answer, Part
from a2a_gateway.knowledge.nearest import known_repository
from a2a_gateway.knowledge.reading import Reading
from a2a_gateway.paging import Paged, Pagination, page_of
from a2a_gateway.skill import ReadingSkill
from devnexus.knowledge.projection import Projection, StandingDecision
from devnexus.timestamps import Timestamp

_WORDS = 20

_Found = tuple[Projection, StandingDecision]


class ListDecisions(Paged):
    """Which decisions to list; what is empty leaves none out."""

    repository: str = ""
    """Those of one repository: `<owner>/<name>`, whatever its case."""
    kind: str = ""
    """`adr`, `swap`, `switch`, `choice`, `breaking-change`, `major-upgrade` or `dropped-support`."""
    status: str = ""
    """What the record says of itself, such as `accepted`, whatever its case."""
    words: str = ""
    """Words that the title holds, all of them, in whole or in part, whatever their case; at most 20 count."""
    since: Timestamp | None = None
    """Those that came to be known then or later (ISO 8601)."""


class Decided(Part):
    """Something that was decided and is in force."""

    repository: str
    kind: str
    title: str
    status: str | None
    confidence: float
    source: str
    """Who found it: `rules`, `claude` or `both`."""
    place: str | None
    """`<path>:<line>` of its record; null where the message of `commit` says it."""
    commit: str
    """The commit that says so, or that the line was read at."""
    at: Timestamp
    """When it came to be known first."""


class Decisions(Answer):
    """The newest first."""

    decisions: list[Decided]
    total_decisions: int
    pagination: Pagination


def list_decisions(asked: ListDecisions, knowledge: Reading) -> Decisions:
    """List what stands, of one repository or of all."""
    is_wanted = _filter(asked)
    found = [(page, one) for page, one in _among(asked, knowledge) if is_wanted(one)]
    page = page_of(found, asked, lambda pair: _decided(*pair, knowledge))
    return Decisions(decisions=page.items, total_decisions=page.total, pagination=page.pagination)


def _among(asked: ListDecisions, knowledge: Reading) -> Sequence[_Found]:
    if not asked.repository:
        return knowledge.decisions
    page = known_repository(asked.repository, knowledge)
    return [(page, one) for one in page.standing_decisions]


def _filter(asked: ListDecisions) -> Callable[[StandingDecision], bool]:
    kind, status = asked.kind.strip().lower().replace(" ", "-"), asked.status.strip().casefold()
    words, since = asked.words.casefold().split()[:_WORDS], asked.since

    def is_wanted(decision: StandingDecision) -> bool:
        return (
            (not kind or decision.kind == kind)
            and (not status or (decision.status or "").casefold() == status)
            and (since is None or decision.at >= since)
            and (not words or _holds(decision.title.casefold(), words))
        )

    return is_wanted


def _holds(title: str, words: Sequence[str]) -> bool:
    return all(word in title for word in words)


def _decided(page: Projection, decision: StandingDecision, knowledge: Reading) -> Decided:
    has_line = decision.path is not None and decision.line is not None
    return Decided(
        repository=knowledge.name(page),
        kind=decision.kind,
        title=decision.title,
        status=decision.status,
        confidence=decision.confidence,
        source=decision.source,
        place=f"{decision.path}:{decision.line}" if has_line else None,
        commit=decision.commit,
        at=decision.at,
    )


SKILL = ReadingSkill(
    id="list_decisions",
    name="List Decisions",
    description="List the decisions that stand: architecture decision records, packages and services that"
    " took the place of others, major upgrades, breaking changes; with the line or commit that says so.",
    tags=("decisions", "history", "architecture"),
    input=ListDecisions,
    output=Decisions,
    run=list_decisions,
    example=ListDecisions(words="retry"),
)
