"""Which components of a repository are others than they were."""

from devnexus.knowledge.projection import SHOWN_COMPONENTS, Projection, StandingComponent


def new_or_changed(here: Projection, old: Projection | None) -> list[StandingComponent]:
    """Those whose code was not there before under their path and name."""
    known = {one.component_id: one.digest for one in old.components} if old else {}
    return [one for one in here.components if known.get(one.component_id) != one.digest]


def differing(here: Projection, old: Projection) -> list[StandingComponent]:
    """Those that are new, changed or gone, where these stand as they were; the largest first.

    One that was moved does not count, and none of which only so many larger ones were shown before or now.
    """
    was, now = ({one.digest for one in page.components} for page in (old, here))
    ids = {one.component_id for one in here.components}
    known = {one.component_id for one in old.components}
    found = [
        one
        for one in new_or_changed(here, old)
        if one.digest not in was and (one.component_id in known or not _is_full(old))
    ]
    if not _is_full(here):
        found += [one for one in old.components if one.component_id not in ids and one.digest not in now]
    return sorted(found, key=lambda one: (-one.lines_of_code, one.component_id))


def _is_full(page: Projection) -> bool:
    return len(page.components) >= SHOWN_COMPONENTS
