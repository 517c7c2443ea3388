"""What a sweep needs, put together from the environment for one run."""

from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import UTC, datetime

from devnexus.github import PATIENT, GitHubApp, Patience
from devnexus.knowledge.stores import open_store
from devnexus.pubsub import Publisher
from webhook_receiver.allowed import EVERYBODY, Allowed
from webhook_receiver.deliveries import Deliveries
from webhook_receiver.installations import Installations
from webhook_receiver.settings import repository_of
from webhook_receiver.sweep import MOST_REDELIVERIES, Redelivers, sweep
from webhook_receiver.swept import Swept


def sweep_once(
    environment: Mapping[str, str],
    *,
    knowledge: str,
    publisher: Publisher,
    redeliver: Redelivers | None = None,
    allowed: Allowed = EVERYBODY,
    most_redeliveries: int = MOST_REDELIVERIES,
    patience: Patience = PATIENT,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Swept:
    """One run with the App that `environment` names, and the base at `knowledge`.

    `redeliver` takes the place of asking GitHub; `allowed` says whose repositories we follow. Raises
    ConfigurationError where something is missing, and Unavailable where the base cannot be opened.
    """
    app = GitHubApp(environment, access="read", patience=patience)
    with (
        closing(app),
        closing(open_store(knowledge, environment, access="read")) as store,
        Installations(app, allowed) as installations,
    ):
        deliveries = Deliveries(app)
        base = repository_of(knowledge)
        return sweep(
            deliveries=deliveries,
            redeliver=redeliver or deliveries.again,
            installations=installations,
            store=store,
            publisher=publisher,
            is_ours=lambda name: name.lower() != base,
            now=now(),
            most_redeliveries=most_redeliveries,
        )
