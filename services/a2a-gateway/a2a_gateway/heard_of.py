"""What a caller is told of the repository that a report is about."""

from a2a_gateway.subject import Subject
from devnexus.knowledge.layout import projection_path


def note(about: Subject) -> str:
    """What may surprise the caller; empty where the repository is known and shown."""
    name = about.repository.name
    if about.page is None:
        return f"{name} was not known; it is listed from now on. Was the name right?"
    if about.page.removed:
        return f"{name} was removed: this is kept in its history, and shown when it is added again"
    return ""


def page_of(about: Subject) -> str:
    """Where the repository's page stands in the knowledge base."""
    return projection_path(about.repository.name)
