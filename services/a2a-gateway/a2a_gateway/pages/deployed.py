"""How a repository is deployed, what was learned about it, and who was said to depend on it."""

from collections.abc import Sequence
from dataclasses import dataclass

from a2a_gateway.knowledge.dependents import known_dependents
from a2a_gateway.knowledge.reading import Reading
from a2a_gateway.pages.links import Link, repository_link
from devnexus.knowledge.projection import Projection
from devnexus.schema_v2 import DeploymentInfo, Lesson

_LESSONS_SHOWN = 5
_DECLARED_SHOWN = 50


@dataclass(frozen=True)
class DeclaredLine:
    """A repository that depends on this one, as somebody said."""

    repository: Link
    relationship: str
    strength: str
    description: str | None


@dataclass(frozen=True)
class DeployedLines:
    """How it is deployed and what was learned, as agents and people told and files say."""

    platform: str | None
    infrastructure: Sequence[str]
    scripts: Sequence[str]
    lessons: Sequence[Lesson]
    """The newest first, at most 5."""
    more_lessons: int

    @property
    def anything(self) -> bool:
        """Whether anything is known."""
        return bool(self.platform or self.infrastructure or self.scripts or self.lessons)


def deployed_lines(projection: Projection) -> DeployedLines:
    """What is known of how it is deployed."""
    known: DeploymentInfo = projection.deployment
    lessons = known.lessons_learned[::-1]
    return DeployedLines(
        platform=known.ci_cd_platform,
        infrastructure=[f"{what}: {how}" for what, how in sorted(known.infrastructure.items())],
        scripts=[script.script_path for script in known.scripts],
        lessons=lessons[:_LESSONS_SHOWN],
        more_lessons=len(lessons[_LESSONS_SHOWN:]),
    )


def declared_lines(reading: Reading, projection: Projection) -> Sequence[DeclaredLine]:
    """Who was said to depend on it; whom manifests show stands under `Used by`."""
    said = [one for one in known_dependents(projection, reading) if one.told_by == ("declaration",)]
    return [
        DeclaredLine(
            repository=_link(one.repository, reading),
            relationship=one.relationship,
            strength=one.said.dependency_strength,
            description=_text(getattr(one.said, "description", None)),
        )
        for one in said[:_DECLARED_SHOWN]
    ]


def _link(name: str, reading: Reading) -> Link:
    page = reading.named(name)
    return repository_link(reading.name(page)) if page else Link(name)


def _text(said: object) -> str | None:
    return said if isinstance(said, str) else None
