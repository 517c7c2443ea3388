"""How a repository is deployed, as much of it as an answer can hold."""

from a2a_gateway.fitting import fitting, fitting_section
from devnexus.knowledge.projection import Projection
from devnexus.schema_v2 import DeploymentInfo, Lesson

_LESSONS_BYTES, _REST_BYTES = 30_000, 20_000


def shown_deployment(page: Projection) -> DeploymentInfo:
    """Schema v2's section with the newest lessons: itself, where it is not too long."""
    told = page.deployment
    lessons = shown_lessons(page)
    rest = told.model_copy(update={"lessons_learned": ()})
    shown = fitting_section(rest, most_bytes=_REST_BYTES)
    if shown is rest and len(lessons) == len(told.lessons_learned):
        return told
    return shown.model_copy(update={"lessons_learned": tuple(lessons)})


def shown_lessons(page: Projection) -> list[Lesson]:
    """The newest lessons, the newest last."""
    return fitting(page.deployment.lessons_learned[::-1], most_bytes=_LESSONS_BYTES)[::-1]
