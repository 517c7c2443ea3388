"""What the pattern-miner is answered when it tells of a pattern: what was recorded of which repository."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Literal

from a2a_gateway.answer import Answer, Part
from a2a_gateway.call import Body
from a2a_gateway.kb.skills import MOST_REPOSITORIES
from a2a_gateway.perform import Outcome

_STAMP = ("revision", "stale_seconds", "timestamp", "execution_time_ms")


class NotedHere(Part):
    """A repository that has the lesson now."""

    repository: str
    event_id: str
    """What `get_write_status` asks for."""
    committed: bool


class PatternNoted(Answer):
    """What was made of it: a lesson of each repository. Patterns are what code shows, and nothing else."""

    message: str
    pattern_type: str
    recorded_as: Literal["lesson"] = "lesson"
    category: Literal["pattern_observed"] = "pattern_observed"
    repositories: list[NotedHere]
    not_known: list[str]
    """Those of which nothing was recorded, since nobody here knows them."""


def each_repository(body: Body) -> Sequence[str]:
    """The names that the body has, each once, as many as one may have; an empty one where it has none."""
    repos = body.get("repos")
    names = [name for name in repos if isinstance(name, str)] if isinstance(repos, list) else []
    return list({name.lower(): name for name in names}.values())[:MOST_REPOSITORIES] or [""]


def noted(body: Body, outcomes: Mapping[str, Outcome]) -> Outcome:
    """One answer to all of it; what was refused for another reason than an unknown name counts most."""
    unknown = [name for name, outcome in outcomes.items() if outcome.status == HTTPStatus.NOT_FOUND]
    recorded = {name: outcome for name, outcome in outcomes.items() if outcome.status == HTTPStatus.OK}
    for outcome in outcomes.values():
        if outcome.status not in {HTTPStatus.OK, HTTPStatus.NOT_FOUND}:
            return Outcome({**outcome.body, "recorded_for": [*recorded]}, outcome.status)
    last = list((recorded or outcomes).values())[-1].body
    stamp = {name: last[name] for name in _STAMP if name in last}
    if not recorded:
        error = "Nothing was recorded: none of these repositories is known here"
        return Outcome(
            {"success": False, "error": error, "not_known": unknown, **stamp}, HTTPStatus.NOT_FOUND
        )
    answer = PatternNoted(
        message=f"Taken as a lesson of {len(recorded)} repositories; patterns are what code shows",
        pattern_type=str(body.get("pattern_type")),
        repositories=[_noted_here(name, outcome.body) for name, outcome in recorded.items()],
        not_known=unknown,
    )
    return Outcome({**answer.model_dump(mode="json"), **stamp}, HTTPStatus.CREATED)


def _noted_here(name: str, body: Body) -> NotedHere:
    return NotedHere(repository=name, event_id=str(body["event_id"]), committed=body["committed"] is True)
