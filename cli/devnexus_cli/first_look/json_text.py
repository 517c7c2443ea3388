"""What `devnexus try --json` prints: one object."""

import json
from collections.abc import Sequence

from devnexus.knowledge.confidence import strength
from devnexus_cli.first_look.look import Look, Seen
from devnexus_cli.first_look.remark import Remark
from devnexus_cli.repository_text import strongest_first


def as_json(look: Look, remarks: Sequence[Remark], *, seconds: float) -> str:
    """The remarks, the repositories with their patterns, and what was not read."""
    return json.dumps(
        {
            "remarks": [remark.model_dump(mode="json", exclude_none=True) for remark in remarks],
            "repositories": [_repository(one) for one in look.seen],
            "left_out": list(look.left_out),
            "seconds": round(seconds, 3),
        },
        indent=2,
    )


def _repository(one: Seen) -> dict[str, object]:
    projection = one.projection
    ids = {pattern.name: id_ for id_, pattern in projection.standing_patterns.items()}
    return {
        "name": one.clone.name,
        "path": str(one.clone.path),
        "commit": one.record.after,
        "description": projection.description,
        "languages": projection.languages,
        "patterns": [
            {
                "id": ids[pattern.name],
                "name": pattern.name,
                "category": pattern.category,
                "confidence": pattern.confidence,
                "strength": strength(pattern.confidence),
                "evidence": [
                    row.model_dump(mode="json", include={"path", "start", "end", "kind", "weight"})
                    for row in pattern.evidence
                ],
            }
            for pattern in strongest_first(projection)
        ],
        "receipt": one.record.receipt.model_dump(mode="json"),
    }
