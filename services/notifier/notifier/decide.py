"""The decision: what a change of knowledge makes worth telling, and whom."""

from devnexus.events import NotificationRequested, SimilarityComputed
from devnexus.events.notification_requested import Notice
from notifier.routes import Routes

REMARKS = ("introduced", "gone", "entered", "left", "missing", "variants", "copies", "consumers")
"""The fields of a notice that are worth telling by themselves."""


def decide(event: SimilarityComputed, routes: Routes) -> tuple[NotificationRequested, ...]:
    """One request for each target that hears of the repository.

    None unless a live push changed something, and none where the repository asks for quiet.
    """
    if event.cause != "live" or event.quiet or not _is_news(event):
        return ()
    notice = _notice(event)
    return tuple(
        NotificationRequested(
            cause=event.cause, hops=event.hops, about=event.id, target=target, notice=notice
        )
        for target in routes.targets_for(event.repository.name)
    )


def _is_news(event: SimilarityComputed) -> bool:
    return any(getattr(event, name) for name in REMARKS)


def _notice(event: SimilarityComputed) -> Notice:
    entered = {one.id for one in event.entered}
    return Notice(
        repository=event.repository,
        url=event.url,
        revision=event.revision,
        commit=event.commit,
        at=event.at,
        introduced=event.introduced,
        gone=event.gone,
        touched=event.touched,
        not_read=event.not_read,
        entered=tuple(alike for alike in event.alike if alike.repository.id in entered),
        left=event.left,
        missing=event.missing,
        variants=event.variants,
        copies=event.copies,
        changed=event.changed,
        consumers=event.consumers,
        consumer_count=event.consumer_count,
        push=event.push,
        because=event.because,
    )
