"""Which repositories people asked to forget, and until when: `forgotten` in metadata.json."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from pydantic import TypeAdapter, ValidationError

from devnexus.events import KnowledgeImported, Record, RepositoryAdopted, RepositoryRemoved
from devnexus.events.event import describe
from devnexus.knowledge.last_good import last_good
from devnexus.knowledge.layout import METADATA_PATH
from devnexus.knowledge.store import Damaged, Files
from devnexus.repository import RepositoryId
from devnexus.timestamps import Timestamp
from devnexus.values import Value, load_json


class _Entry(Value):
    repository_id: RepositoryId
    forgotten_at: Timestamp


_ENTRIES = TypeAdapter(tuple[_Entry, ...])


@dataclass(frozen=True)
class Forgotten:
    """When each repository was last asked to be forgotten."""

    at: Mapping[RepositoryId, datetime]

    def covers(self, record: Record) -> bool:
        """Whether the record is from before its repository was forgotten, so that it must not come back.

        What an old file says is from before, whatever dates stand in it. That two ids mean one repository
        is of no time at all.
        """
        if isinstance(record, RepositoryAdopted) or isinstance(record, RepositoryRemoved) and record.adopter:
            return False
        moment = self.at.get(record.repository.id)
        return moment is not None and (record.at <= moment or isinstance(record, KnowledgeImported))


def read_forgotten(store: Files, *, at: str) -> Forgotten:
    """What metadata.json says at revision `at`; raise Damaged where it is broken, as Store does otherwise."""
    good = last_good(store, METADATA_PATH, _parse, at=at)
    if good.problem and good.problem.used_revision is None:
        raise Damaged(good.problem.message)
    return good.value or Forgotten({})


def _parse(content: bytes) -> Forgotten:
    try:
        metadata = load_json(content)
        entries = _ENTRIES.validate_python(metadata.get("forgotten", ()), extra="ignore")
    except ValidationError as error:
        raise Damaged(f"{METADATA_PATH}: forgotten.{describe(error)}") from error
    except (ValueError, AttributeError) as error:
        raise Damaged(f"{METADATA_PATH} is no JSON object: {error}") from error
    latest: dict[RepositoryId, datetime] = {}
    for entry in entries:
        before = latest.get(entry.repository_id, entry.forgotten_at)
        latest[entry.repository_id] = max(entry.forgotten_at, before)
    return Forgotten(latest)
