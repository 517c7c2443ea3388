"""The extractor: its whole composition, for gunicorn to call once per worker."""

import os
import warnings
from collections.abc import Callable
from contextlib import nullcontext

from flask import Flask

from devnexus.events import CommitPushed, SnapshotRequested
from devnexus.health import health_routes
from devnexus.invokers import FetchKeys, guard, require_invokers
from devnexus.knowledge.followed_organisation import FollowedOrganisation
from devnexus.knowledge.store import Store
from devnexus.knowledge.stores import open_store
from devnexus.people.organisation import Organisation
from devnexus.pubsub import PubSubPublisher
from devnexus.push import handles, push_endpoint
from devnexus.secrets import read_secret
from devnexus.settings import read_settings
from devnexus.start import starting
from devnexus.topology import load_topology
from extractor.behind_live import BehindLive
from extractor.change import Source
from extractor.claude.second_opinion import is_live
from extractor.extract import analyse, log_receipt
from extractor.facts import load_facts
from extractor.local_git import LocalGit
from extractor.reading import Reader
from extractor.resting_source import RestingSource
from extractor.rule_set import load_rules
from extractor.settings import API_KEY, ClaudeSettings, Settings


def create_app(*, fetch_keys: FetchKeys | None = None) -> Flask:
    """The application; end the process, naming the reason, where a setting is missing.

    `fetch_keys` gives the keys that Google signs with; not given: as Google publishes them.
    """
    warnings.simplefilter("ignore", SyntaxWarning)  # the code that we read is not ours to judge
    with starting("extractor"):
        settings = read_settings(Settings, os.environ)
        invokers = require_invokers(os.environ, fetch_keys)
        source = _source(settings)
        reader = Reader(load_rules())
        load_facts()
        publisher = PubSubPublisher(project=settings.project, source="/dev-nexus/extractor")
        store = None if settings.knowledge is None else open_store(settings.knowledge, os.environ)
        organisation = _organisation(store)
        claude = None
        if key := read_secret(API_KEY, os.environ):
            # the SDK takes seconds that only those should pay who have a key
            from extractor.claude_service import ClaudeService  # noqa: PLC0415

            claude = ClaudeService(
                key,
                read_settings(ClaudeSettings, os.environ),
                source=source,
                reader=reader,
                publisher=publisher,
                organisation=organisation,
                store=store,
            )

    bulk = BehindLive()

    def analysed(event: CommitPushed | SnapshotRequested) -> None:
        with nullcontext() if is_live(event) else bulk.turn():
            record = analyse(
                event,
                source=source,
                reader=reader,
                publisher=publisher,
                organisation=organisation(),
                opinion=claude.opinion if claude else None,
            )
        if record:
            log_receipt(record)

    app = Flask(__name__)
    guard(app, invokers)
    handlers = [handles(CommitPushed, analysed), handles(SnapshotRequested, analysed)]
    app.register_blueprint(push_endpoint(handlers, topology=load_topology(), sender=publisher))
    app.register_blueprint(health_routes())
    if claude:
        app.register_blueprint(claude.routes())
        claude.start()
    return app


def _source(settings: Settings) -> Source:
    if settings.repositories is not None:
        return LocalGit(settings.repositories)
    # an optional extra's import, slow and needless where clones are read
    from devnexus.github import PATIENT, GitHubApp  # noqa: PLC0415
    from extractor.github import GitHubDiffs  # noqa: PLC0415

    return RestingSource(GitHubDiffs(GitHubApp(os.environ, access="read", patience=PATIENT)))


def _organisation(store: Store | None) -> Callable[[], Organisation]:
    return Organisation if store is None else FollowedOrganisation(store).now
