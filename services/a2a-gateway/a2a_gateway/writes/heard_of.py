"""What a caller is told of the repository that a report is about."""

from a2a_gateway.pages.links import repository_link
from a2a_gateway.writes.subject import Subject


def note(about: Subject) -> str:
    """What may surprise the caller; empty where the repository is known and shown to them."""
    if about.is_shown:
        return ""
    if about.page and about.page.removed and about.page.visibility == "public":
        return f"{about.name} was removed: this is kept in its history, and shown when it is added again"
    return (
        f"{about.name} is none of the repositories that you see here. If it is new, it is known from now on"
    )


def page_here(about: Subject) -> str:
    """Where this service shows the repository."""
    return f"/{(repository_link(about.name).url or '').lstrip('/')}"
