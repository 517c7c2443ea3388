"""What `devnexus analyze` does: its whole composition."""

import os
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import click

from devnexus.errors import ConfigurationError, NoCredentials
from devnexus.knowledge.analyses import analyses
from devnexus.knowledge.followed_organisation import FollowedOrganisation
from devnexus.knowledge.store import Store
from devnexus.knowledge.stores import open_store
from devnexus.people.organisation import Organisation
from devnexus.pubsub import PubSubPublisher
from devnexus_cli.analyze import texts
from devnexus_cli.analyze.analysis_file import file_bytes, pattern_analysis, with_knowledge
from devnexus_cli.analyze.claude import Place, second_opinion
from devnexus_cli.analyze.file_changes import file_changes
from devnexus_cli.analyze.pipeline import compare, extract, keep, was_read_whole
from devnexus_cli.analyze.unwritten import Unwritten
from devnexus_cli.analyze.which_push import Asked, Nothing, which_push


@dataclass(frozen=True)
class _Wish:
    """What is to be done with what a push shows."""

    is_kept: bool
    publish: bool
    output: Path

    @property
    def asks_claude(self) -> bool:
        """Who is handed the push asks about it there."""
        return not self.publish


def run(repository: Path, span: str | None, *, knowledge: str | None, publish: bool, output: Path) -> None:
    """Analyse one push and tell of it; raises ConfigurationError, Unavailable or Damaged where that fails."""
    warnings.simplefilter("ignore", SyntaxWarning)  # the code that we read is not ours to judge
    asked = which_push(repository, span, os.environ)
    if isinstance(asked, Nothing):
        return _tell(texts.nothing(asked.reason))
    wish = _Wish(is_kept=not (asked.is_proposed or publish), publish=publish, output=output)
    store = _open(knowledge, wish)
    try:
        _analyse(asked, store, wish)
    finally:
        if store:
            store.close()


def _open(knowledge: str | None, wish: _Wish) -> Store | None:
    if knowledge:
        try:
            store = open_store(knowledge, os.environ, access="write" if wish.is_kept else "read")
        except NoCredentials:
            if wish.is_kept or wish.publish:
                raise
            return None  # a pull request from a fork gets no secrets
        return store if wish.is_kept else Unwritten(store)
    if wish.is_kept:
        raise ConfigurationError("--knowledge (or KNOWLEDGE) is not set: where is the knowledge base?")
    return None


def _analyse(asked: Asked, store: Store | None, wish: _Wish) -> None:
    organisation = FollowedOrganisation(store).now() if store else Organisation()
    place = Place(os.environ, store, organisation)
    records = extract(
        asked,
        organisation,
        with_tree=store is not None and not was_read_whole(store, asked),
        second=partial(second_opinion, place) if wish.asks_claude else lambda _: None,
    )
    if not records:
        return _tell(texts.nothing(texts.unread(asked.push.repository.name)))
    readings = sorted(analyses(records), key=lambda record: record.subject != "push")
    analysis = pattern_analysis(asked.push, readings, file_changes(asked, readings[0], organisation))
    wish.output.write_bytes(file_bytes(analysis))  # also where the knowledge base fails us after this
    if wish.publish and not asked.is_proposed:
        _publish(asked, os.environ)
    told = texts.Told(analysis, readings, texts.of_wish(asked.is_proposed, wish.publish))
    if store is None:
        return _tell(texts.summary(told.with_remarks(texts.NO_KNOWLEDGE)))
    landed = keep(store, records)
    compared = compare(store, asked, landed)
    analysis = with_knowledge(
        analysis, revision=landed.revision if wish.is_kept else None, computed=compared.computed
    )
    wish.output.write_bytes(file_bytes(analysis))
    said = texts.of_knowledge(
        landed.revision if landed.is_new else None,
        is_kept=wish.is_kept,
        was_read_whole=len(readings) > 1,
        is_shown=compared.computed is not None,
    )
    told = replace(told, analysis=analysis, computed=compared.computed, standing=compared.standing)
    _tell(texts.summary(told.with_remarks(*said)))


def _publish(asked: Asked, environment: Mapping[str, str]) -> None:
    project = environment.get("GOOGLE_CLOUD_PROJECT")
    if not project:
        raise ConfigurationError("--publish: GOOGLE_CLOUD_PROJECT is not set")
    publisher = PubSubPublisher(project=project, source="/dev-nexus/cli")
    try:
        publisher.publish([asked.push])
    finally:
        publisher.close()


def _tell(text: str) -> None:
    """Where people look: at the page of the run in GitHub Actions, else here."""
    if path := os.environ.get("GITHUB_STEP_SUMMARY"):
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(f"{text.rstrip()}\n\n")
    click.echo(text)
