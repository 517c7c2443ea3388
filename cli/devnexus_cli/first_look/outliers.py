"""What nearly all of the repositories of one kind do, and one does not."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from devnexus.alike import sentences
from devnexus.alike.missing import missing_patterns, of_its_kind
from devnexus.events.similarity_computed import Missing
from devnexus.knowledge.projection import Projection
from devnexus.people.corrections import Corrections
from devnexus.repository import RepositoryId
from devnexus_cli.first_look.remark import Remark, Spot


class _Practice(NamedTuple):
    worth: float
    """What its lack is worth."""
    traces: str
    """Words of which some stand wherever it is followed, in whatever way."""


_PRACTICES: Mapping[str, _Practice] = {
    "ci-cd": _Practice(
        0.75, r"jenkins|travis|circleci|gitlab-ci|azure-pipelines|buildkite|cloudbuild|teamcity"
    ),
    "retry-backoff": _Practice(0.75, r"retr(y|ies)|back.?off|polly|resilien"),
    "health-check": _Practice(
        0.7, r"health|liveness|readiness|heartbeat|/ready|/alive|/ping|/_?status|actuator"
    ),
    "graceful-shutdown": _Practice(0.65, r"shutdown|sigterm|sigint|signal\.notify|graceful"),
    "structured-logging": _Practice(
        0.65,
        r"struct[a-z]*.?log|[csnz]log[^a-z]|zap\.|logrus|serilog|loguru|json.?(log|format)|ilogger|log4|logback|slf4j"
        r"|winston|pino|bunyan|logstash|logg?(er)?\.with|charm[a-z.]*/log|extra=",
    ),
    "metrics": _Practice(
        0.6,
        r"metric|prometheus|statsd|datadog|micrometer|actuator|telemetry|new.?relic|app(lication)?.?insights",
    ),
    "tracing": _Practice(0.55, r"tracing|telemetry|[^a-z]otel|zipkin|jaeger|sleuth|datadog|new.?relic|x-ray"),
}
"""Pattern → a practice. A service without these lacks something; others are matters of design."""

_OF_EVERYBODY = frozenset({"ci-cd"})
"""Seen alike in every language, and worth having for a library too; the others are what services need."""

_SERVES = frozenset({"graphql", "grpc", "rest-api", "websocket"})

HasTrace = Callable[[Projection, str], bool]
"""Whether words that match this expression stand anywhere in the product's files of a repository."""


def outliers(
    projections: Sequence[Projection],
    hints: Mapping[RepositoryId, Collection[str]],
    has_trace: HasTrace,
) -> Iterator[Remark]:
    """One remark for each practice that a repository lacks and three quarters of its kind have.

    None where `hints`, the patterns with any evidence at all in a repository, or words in its files speak
    against it: what the rules do not know is no lack of the repository.
    """
    for here in projections:
        for lacking in missing_patterns(here, projections, corrections=Corrections()):
            if lacking.pattern in hints.get(here.repository_id, ()):
                continue
            practice = _PRACTICES.get(lacking.pattern)
            if practice and _is_a_lack(lacking, here, projections) and not has_trace(here, practice.traces):
                yield _remark(here, lacking, practice)


def _is_a_lack(lacking: Missing, here: Projection, projections: Sequence[Projection]) -> bool:
    """Whether it needs the pattern, and the rules see that in its language: else they lack, not it."""
    if lacking.pattern in _OF_EVERYBODY:
        return True
    return not _SERVES.isdisjoint(here.standing_patterns) and any(
        lacking.pattern in other.standing_patterns
        for other in of_its_kind(here, projections)
        if other.primary_language == here.primary_language
    )


def _remark(here: Projection, lacking: Missing, practice: _Practice) -> Remark:
    name, place = here.repository_name, lacking.place
    return Remark(
        kind="outlier",
        worth=practice.worth,
        text=(
            f"{name} shows no {lacking.name}; {lacking.have} of the {lacking.of} repositories of its kind "
            f"have (for example {lacking.example.name} {sentences.place(place)})"
        ),
        repository=name,
        sister=Spot(repository=lacking.example.name, path=place.path, start=place.start, end=place.end),
    )
