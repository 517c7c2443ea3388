"""Where things stand in the knowledge base, and what its own README says."""

from datetime import datetime

from devnexus.repository import RepositoryId, RepositoryName
from devnexus.schema_v2 import SCHEMA_VERSION
from devnexus.timestamps import as_utc
from devnexus.values import canonical_page

HISTORY = "history/"
"""The folder of all records."""

PROJECTIONS = "repositories/"
"""The folder of all pages."""

CORRECTIONS = "corrections/"
"""The folder of people's corrections."""

COMPONENTS = "components/"
CONSOLIDATION = "consolidation/"

README_PATH = "README.md"
METADATA_PATH = "metadata.json"

README = """\
# Knowledge base

Kept by dev-nexus: what it learned from every push to the organisation's repositories.

- `history/<host>/<repository id>/<day>.jsonl` is the truth: one record a line, never rewritten.
- `repositories/<owner>/<name>.json` is derived from it: what is known now, under today's name.
- Every claim names the file and lines it was seen in, at the commit the record names.

Generated files are overwritten: an edit there is kept by git but has no effect.

## How to correct it

Three kinds of files are yours. Change them, best by pull request; they take effect when they are read.

- `devnexus.yaml`: which repositories are read and shown (`repositories: {include, exclude}`), which files are
  not (`paths: {exclude}`), who is told (`routes`), `owners`, `rule_sets`; which repositories Claude may read
  besides, and how often a day: `claude: {default, repositories, calls_per_day, calls_per_repository}`.
- `vocabulary.yaml`: other names of a pattern, and patterns that are one:
  `patterns: {retry-backoff: {name: Retry with backoff, aliases: [Exponential backoff], merge: [resend]}}`
- `corrections/<owner>/<name>.yaml`, called like the page that it corrects:
  `hide: [{pattern: kafka, reason: …}, {component: "src/generated/"}]`,
  `rename: [{pattern: kafka, name: Event bus}]`, `confirm: [{pattern: Outbox, by: ada, reason: …}]`,
  `note: [{text: …, pattern: kafka}]`

Patterns go by id or name. Quote whatever starts with `*`. Of a file with a mistake the last version without
one stays in force; `devnexus kb verify` says what is wrong and in which line. A repository can ask for less
in its own `.devnexus.yml`: `analyse: false`, `claude: false`, `notify: false`, `exclude: [docs/]`.
"""

METADATA = canonical_page({"schema_version": SCHEMA_VERSION})


def history_folder(repository: RepositoryId) -> str:
    """The folder with all records of a repository, ending in a slash."""
    return f"{HISTORY}{repository}/"


def history_path(repository: RepositoryId, at: datetime) -> str:
    """The file that holds the records of that day (UTC)."""
    return f"{history_folder(repository)}{as_utc(at):%Y-%m-%d}.jsonl"


def projection_path(name: RepositoryName, second: RepositoryId | None = None) -> str:
    """The file that says what is known of the repository called `name` today.

    Where several claim the name, `second` gives the file of one that does not hold it.
    """
    return f"{PROJECTIONS}{name}@{second.replace('/', '+')}.json" if second else f"{PROJECTIONS}{name}.json"


def is_generated(path: str) -> bool:
    """Whether dev-nexus writes the file, so that an edit of it has no effect or damages the base."""
    return path.startswith((HISTORY, PROJECTIONS, COMPONENTS, CONSOLIDATION))
