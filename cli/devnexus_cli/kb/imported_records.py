"""What a repository of a v2 file is in history: a record for each past analysis, and one for the rest."""

import re
from collections import Counter
from typing import Any

from devnexus.events import KnowledgeImported
from devnexus.repository import Repository, id_of_name
from devnexus.schema_v2 import RepositoryMetadata
from devnexus.values import digest

_WEB_ADDRESS = re.compile(r"https?://[!-~]+")


def imported_records(name: str, metadata: dict[str, Any]) -> list[KnowledgeImported]:
    """The records of the repository called `name`, oldest first as in the file, the latest last.

    `metadata` holds to RepositoryMetadata; its values are kept as they are. Equal files make equal records.
    """
    checked = RepositoryMetadata.model_validate(metadata)
    url = checked.repository_url
    repository = Repository(
        id=id_of_name(name),
        name=name,
        default_branch="main",
        url=url if url and _WEB_ADDRESS.fullmatch(url) else None,
    )
    records: list[KnowledgeImported] = []
    seen: Counter[str] = Counter()
    for position, entry in enumerate(metadata.get("history", ())):
        content = digest(entry)
        records.append(
            KnowledgeImported(
                cause="import",
                repository=repository,
                at=checked.history[position].analyzed_at,
                part="history",
                position=position,
                occurrence=seen[content],
                content=entry,
            )
        )
        seen[content] += 1
    latest = {field: value for field, value in metadata.items() if field != "history"}
    records.append(
        KnowledgeImported(
            cause="import", repository=repository, at=checked.last_updated, part="latest", content=latest
        )
    )
    return records
