"""`devnexus status`: what a knowledge base holds, and what it knows to be missing."""

from pathlib import Path

from devnexus.knowledge.git_store import open_git_store
from devnexus.knowledge.projection import read_projection
from devnexus.timestamps import write


def status(knowledge: Path) -> str:
    """A line for each repository, and one for each gap in its chain of pushes.

    Raises ConfigurationError where there is no knowledge base, and Unavailable where it cannot be read.
    """
    store = open_git_store(knowledge)
    try:
        head = store.head()
        pages = store.read(["repositories/"], at=head)
    finally:
        store.close()
    lines = [f"{knowledge} at {head[:12]}: {len(pages)} repositories"]
    for _, page in sorted(pages.items()):
        projection = read_projection(page)
        lines.append(
            f"  {projection.repository_name}   {projection.pushes} pushes, {projection.snapshots} snapshots, "
            f"{len(projection.standing_patterns)} patterns, last {write(projection.last_updated)}"
        )
        lines += [
            f"    gap: {gap.after[:12]} → {gap.before[:12]} was missed, seen at {write(gap.at)}"
            for gap in projection.gaps
        ]
    return "\n".join(lines)
