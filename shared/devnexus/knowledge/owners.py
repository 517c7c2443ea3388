"""Who owns which paths of a repository, as its CODEOWNERS says."""

from collections.abc import Sequence

from devnexus.events.patterns_extracted import PatternsExtracted
from devnexus.knowledge.by_path import ByPath
from devnexus.knowledge.projection import SHOWN_OWNERS, PathOwners
from devnexus.people.globs import names_path

_PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
"""Where GitHub looks, in its order; the first that is there counts."""


class StandingOwners:
    """The files of owners in one repository; `take` each analysis once, in order."""

    def __init__(self) -> None:
        self._files = ByPath(lambda file: file.owners)

    def take(self, record: PatternsExtracted) -> None:
        """As promised by ByPath."""
        self._files.take(record)

    def project(self) -> tuple[PathOwners, ...]:
        """The lines of the file that counts; of more than 500 the last, which win over those before."""
        files = self._files.now
        rules = files[min(files, key=_rank)] if files else ()
        return tuple(
            PathOwners(pattern=rule.pattern, owners=rule.owners, line=rule.line)
            for rule in rules[-SHOWN_OWNERS:]
        )


def owners_of(path: str, rules: Sequence[PathOwners]) -> tuple[str, ...]:
    """The owners of a file by the last rule that matches it; none where no rule does."""
    matching = (rule.owners for rule in reversed(rules) if names_path(_globs(rule.pattern), path))
    return next(matching, ())


def _rank(path: str) -> tuple[int, str]:
    return (_PLACES.index(path) if path in _PLACES else len(_PLACES), path)


def _globs(pattern: str) -> tuple[str, ...]:
    """The globs on whole paths that mean what `pattern` does as gitignore has it."""
    anchored = "/" in pattern.rstrip("/")
    glob = pattern.lstrip("/") if anchored else f"**/{pattern}"
    if glob.endswith("/"):
        return (glob,)
    # `docs/*` is what stands in docs itself, `docs` also what is below it.
    return (glob,) if glob.endswith("/*") else (glob, f"{glob}/")
