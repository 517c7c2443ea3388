"""What a link or a path in a document means among the files of a repository."""

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import unquote

from a2a_gateway.files.repository_files import Listing

_ELSEWHERE = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:|//|#|\?")
_PLACEHOLDER = re.compile(r"[{}<>$*|\s\\]")
_LONGEST = 1000
_EXAMPLE = re.compile(r"[A-Z]+_[A-Z_]+\.|(?i:foo|bar\b|example|sample|your|xxx)")
"""Stands for a name of the reader's own."""

_WRITTEN = {".md", ".mdx", ".rst", ".png", ".jpg", ".jpeg", ".gif", ".svg", ".webp", ".pdf", ".ipynb"}
"""What no generator makes."""

_PATH = re.compile(r"(?:\./)?((?:[\w.@+-]+/)+[\w@+-][\w.@+-]*\.[a-z][a-z0-9]{0,7})(?::\d+)?")
_OF_A_SITE = re.compile(
    r"(^|/)(mkdocs\.ya?ml|docusaurus\.config\.\w+|_config\.ya?ml|book\.toml|conf\.py|antora\.yml|hugo\.\w+"
    r"|\.vitepress/.*|\.vuepress/.*|astro\.config\.\w+|SUMMARY\.md|_sidebar\.md|mint\.json|docs\.json)$"
)


@dataclass(frozen=True)
class Places:
    """The files of one commit, and how documents refer to them."""

    listing: Listing

    @cached_property
    def _folders(self) -> frozenset[str]:
        found: set[str] = set()
        for path in self.listing.files:
            while (path := posixpath.dirname(path)) and path not in found:
                found.add(path)
        return frozenset(found)

    @cached_property
    def _by_name(self) -> Mapping[str, list[str]]:
        found: dict[str, list[str]] = {}
        for path in sorted(self.listing.files):
            found.setdefault(posixpath.basename(path).lower(), []).append(path)
        return found

    @cached_property
    def _has_site(self) -> bool:
        """Whether a generator makes a site of some of it, whose links mean pages of that."""
        return any(_OF_A_SITE.search(path) for path in self.listing.files)

    def is_there(self, path: str) -> bool:
        """Whether there is such a file or folder, as far as can be told."""
        if path in self.listing.files or path in self._folders or not self.listing.is_whole:
            return True
        parts = path.split("/")
        return any("/".join(parts[:end]) in self.listing.elsewhere for end in range(1, len(parts) + 1))

    def dead_target(self, document: str, url: str) -> str | None:
        """The path that a link leads to, where nothing is there; None where it leads to something.

        Links to other hosts, and those that a generator of sites may make work, are not dead.
        """
        path = _path_of(document, url)
        if path is None or self.is_there(path):
            return None
        if self._has_site and "/" in document and (url.startswith("/") or self._may_be_page(path)):
            return None
        return path

    def _may_be_page(self, path: str) -> bool:
        """Whether a generator may make it: a page of another name, or something it knows from the code."""
        stem, extension = posixpath.splitext(path)
        if extension.lower() not in _WRITTEN:
            return True
        return any(self.is_there(f"{stem}{other}") for other in (".mdx", ".rst", ".adoc", ".ipynb"))

    def missing_path(self, document: str, code: str) -> str | None:
        """The path that stands in `code`, where it means a file of this repository that is not there.

        It means one if it begins with a folder that is there; other repositories have a .github, too.
        """
        found = _PATH.fullmatch(code) if len(code) <= _LONGEST else None
        if found is None or not self.listing.is_whole:
            return None
        path = found[1]
        beside = posixpath.normpath(posixpath.join(posixpath.dirname(document), path))
        top = path.partition("/")[0]
        is_meant = top in self._folders and top != ".github" and not _EXAMPLE.search(path)
        is_found = self.is_there(path) or self.is_there(beside) or self._ends_with(path)
        return path if is_meant and not is_found else None

    def _ends_with(self, path: str) -> bool:
        same_name = self._by_name.get(posixpath.basename(path).lower(), ())
        return any(one.endswith(f"/{path}") for one in same_name)

    def called_alike(self, path: str) -> str | None:
        """A file of the same name elsewhere, whatever its case, where there is just one."""
        same_name = self._by_name.get(posixpath.basename(path).lower(), ())
        return same_name[0] if len(same_name) == 1 else None


def _path_of(document: str, url: str) -> str | None:
    """The path within the repository that a link means, None where it means something else."""
    if len(url) > _LONGEST or _ELSEWHERE.match(url) or _PLACEHOLDER.search(url):
        return None
    said = unquote(url.partition("#")[0].partition("?")[0])
    start = "" if said.startswith("/") else posixpath.dirname(document)
    path = posixpath.normpath(posixpath.join(start, said.lstrip("/")))
    # above the root are GitHub's own pages: ../../issues
    return None if not said or path == "." or path.startswith("..") else path
