"""What was known of a repository after each of its last pushes and snapshots."""

from collections.abc import Iterable, Sequence, Set

from a2a_gateway.answer import Part
from a2a_gateway.knowledge.reading import Reading
from devnexus.knowledge.layout import PROJECTIONS
from devnexus.knowledge.projection import SHOWN_RECORDS, Projection
from devnexus.taxonomy import load_taxonomy
from devnexus.timestamps import Timestamp


class PastAnalysis(Part):
    """One push or snapshot."""

    commit_sha: str
    analyzed_at: Timestamp
    patterns: list[str]
    """The names of those that stood after it, as they are called today."""
    problem_domain: str
    """That of today."""
    author: str | None
    commit_message: str | None


def past_analyses(page: Projection, knowledge: Reading) -> Sequence[PastAnalysis]:
    """The last 10, oldest first: what stands now, without what each push since brought."""
    standing = set(_as_written(page, knowledge).standing_patterns)
    found: list[PastAnalysis] = []
    for record in page.recent[:SHOWN_RECORDS]:
        found.append(
            PastAnalysis(
                commit_sha=record.after,
                analyzed_at=record.at,
                patterns=_names(standing, page, knowledge),
                problem_domain=page.latest_patterns.problem_domain,
                author=record.author,
                commit_message=record.message,
            )
        )
        standing = (standing - set(record.introduced)) | set(record.gone)
    return found[::-1]


def _as_written(page: Projection, knowledge: Reading) -> Projection:
    """The page before people corrected it: its pushes tell of these ids."""
    written = knowledge.view.raw.get(f"{PROJECTIONS}{knowledge.name(page)}.json")
    return written.value if written and written.value else page


def _names(ids: Set[str], page: Projection, knowledge: Reading) -> list[str]:
    words = knowledge.words(page)
    hidden = {words.id(one.pattern) for one in knowledge.corrections(page).hide if one.pattern}
    shown = {words.id(id_) for id_ in ids} - hidden
    return sorted({_name(id_, page, knowledge) for id_ in shown})


def _name(id_: str, page: Projection, knowledge: Reading) -> str:
    for where in _where(id_, page, knowledge):
        return where.standing_patterns[id_].name
    usual = load_taxonomy().get(id_)
    return usual.name if usual else id_


def _where(id_: str, page: Projection, knowledge: Reading) -> Iterable[Projection]:
    return [page] if id_ in page.standing_patterns else knowledge.having.get(id_, ())[:1]
