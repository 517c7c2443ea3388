"""What a commit of ours says: a line for people, then what tells it from a person's and from its likes."""

import hashlib
import re
from collections.abc import Sequence

from devnexus.events import PatternsExtracted, Record
from devnexus.printable import printable
from devnexus.values import digest

_IDS_SHOWN = 20
_OURS = re.compile(r"^Batch: [0-9a-f]{16}$", re.MULTILINE)
_ANNOUNCED = re.compile(r"^Announced: ([0-9a-f]{40,64}|\d+)$", re.MULTILINE)


def commit_message(headline: str, ids: Sequence[str], *, on: str, announced: str | None = None) -> str:
    """`headline`, the batch id, the first 20 of `ids`, a digest of all, and the last revision announced.

    The batch id is that of these events on top of revision `on`, so that a second try has another.
    """
    ordered = sorted(ids)
    lines = [headline, "", *(f"- {printable(id_)}" for id_ in ordered[:_IDS_SHOWN])]
    if len(ordered) > _IDS_SHOWN:
        lines.append(f"- and {len(ordered) - _IDS_SHOWN} more")
    lines += [""] if ordered else []
    lines.append(f"Batch: {digest([on, headline, *ordered])}")
    lines.append(f"Events-SHA256: {hashlib.sha256(chr(10).join(ordered).encode()).hexdigest()}")
    if announced:
        lines.append(f"Announced: {announced}")
    return "\n".join(lines) + "\n"


def headline(records: Sequence[Record]) -> str:
    """`Update KB: {repo} @ {sha7}`, or what is closest to it for other kinds and for several."""
    names = sorted({record.repository.name for record in records})
    first = records[0]
    if len(records) == 1 and isinstance(first, PatternsExtracted):
        return f"Update KB: {names[0]} @ {first.after[:7]}"
    if len(records) == 1:
        return f"Update KB: {names[0]}: {first.kind.replace('_', ' ')}"
    where = f"{len(names)} repositories" if len(names) > 1 else names[0]
    return f"Update KB: {len(records)} updates in {where}"


def is_ours(message: str) -> bool:
    """Whether dev-nexus made the commit, and not a person."""
    return bool(_OURS.search(message))


def announced_in(message: str) -> str | None:
    """The last revision that was announced when the commit was made, None where it does not say."""
    found = _ANNOUNCED.findall(message)
    return found[-1] if found else None
