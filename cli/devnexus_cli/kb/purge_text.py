"""What `devnexus kb forget` tells people that it could not do itself."""

import shlex
from collections.abc import Iterator

from devnexus.knowledge.stores.git_remote import is_remote
from devnexus.timestamps import write
from devnexus_cli.figures import count
from devnexus_cli.kb.forgetting import Done, Remains, Target

_PLACES_SHOWN = 10
_DELETE = "      DELETE FROM {table} WHERE repository IN ({ids});"


def purge_text(
    target: Target, done: Done, left: Remains, location: str, *, said_is_gone: bool
) -> Iterator[str]:
    """What was done, what is left where, and the commands that purge it."""
    changed = f"{count(done.deleted, 'file')} deleted, {done.rewritten} rewritten"
    yield f"{target.name} is forgotten as of revision {done.revision[:12]}: {changed}."
    yield "Its id and name stay in metadata.json, with the time: older events that still come are dropped,"
    yield "and so is what an import of an old file would say of it."
    yield ""
    if left.named_in:
        shown = ", ".join(left.named_in[:_PLACES_SHOWN])
        more = len(left.named_in) - _PLACES_SHOWN
        yield "These files name it still; pages of others do since their own history does:"
        yield f"  {shown}{f' and {more} more' if more > 0 else ''}"
        yield ""
    if not left.revisions:
        yield "git holds no earlier commit of it."
    else:
        first = left.revisions[0]
        yield (
            f"git still holds it in {count(len(left.revisions), 'commit')}, "
            f"the first {first.id[:12]} of {write(first.at)}. To purge that:"
        )
        yield from _commands(target, left, location)
    yield ""
    yield "Elsewhere:"
    yield "  - every clone, fork and cached copy of the knowledge base keeps it: delete them, clone again"
    yield "  - a host may show old commits for a while by their id (GitHub: ask its support to remove them)"
    yield "  - the operational store (DATABASE_URL) may name it in delivered notices and in accepted writes"
    yield from _claudes(target, said_is_gone)
    yield "  - dead letters (devnexus dead-letters list) and logs may name it until they expire"


def _claudes(target: Target, said_is_gone: bool) -> Iterator[str]:
    if said_is_gone:
        yield "  - what Claude said of it is gone from the operational store that was given here"
        return
    yield "  - the extractor's operational store keeps what Claude said of it for 400 days; to purge that:"
    quoted = (id_.replace("'", "''") for id_ in target.ids)
    ids = ", ".join(f"'{id_}'" for id_ in quoted)
    for table in ("claude_known", "claude_calls", "claude_budget", "claude_waiting"):
        yield _DELETE.format(table=table, ids=ids)


def _commands(target: Target, left: Remains, location: str) -> Iterator[str]:
    paths = [*(f"history/{id_}/" for id_ in target.ids)]
    paths += [path for path in left.paths if not path.startswith("history/")]
    names = " ".join(shlex.quote(f"literal:{name}==>forgotten") for name in sorted(target.names))
    options = " ".join(f"--path {shlex.quote(path)}" for path in paths)
    url = _url(location)
    clone = shlex.quote("knowledge-purged.git" if url else location)
    steps = [
        "stop the kb-writer, keep a backup, and: pip install git-filter-repo",
        f"printf '%s\\n' {names} > names.txt",
        f'git -C {clone} filter-repo --force --invert-paths {options} --replace-message "$PWD/names.txt"'
        + (' --strip-blobs-with-ids "$PWD/old.txt"' if target.shared else ""),
    ]
    if target.shared:  # old versions of files that others are in too: those of today stay
        files = " ".join(map(shlex.quote, target.shared))
        steps.insert(
            2,
            f"git -C {clone} ls-tree -r main -- {files} | awk '{{print $3}}' > kept.txt; "
            f"git -C {clone} log --all --raw --no-abbrev --format= -- {files} | awk '{{print $3; print $4}}' "
            "| sort -u | grep -vFf kept.txt | grep -v '^0*$' > old.txt",
        )
    if url:
        steps.insert(1, f"git clone --mirror {shlex.quote(url)} {clone}")
        steps.append(f"git -C {clone} push --mirror --force {shlex.quote(url)}")
    steps.append("start the kb-writer again; revisions have other ids now")
    yield from (f"  {number}. {step}" for number, step in enumerate(steps, start=1))


def _url(location: str) -> str | None:
    """Where it is cloned from; None where it is a folder of this machine."""
    if location.startswith("github:"):
        return f"https://github.com/{location.removeprefix('github:')}.git"
    return location if is_remote(location) else None
