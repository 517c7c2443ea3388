"""What may be read of a repository: the organisation's settings, tightened by the repository's own."""

from collections.abc import Callable
from dataclasses import dataclass

from devnexus.events.patterns_extracted import NotRead, Receipt
from devnexus.people.globs import names_path
from devnexus.people.mistake import Mistake
from devnexus.people.organisation import ORGANISATION_PATH, Organisation
from devnexus.people.repository_settings import REPOSITORY_SETTINGS_PATH, RepositorySettings
from devnexus.people.yaml_file import parse
from devnexus.redact import redact
from devnexus.repository import Repository

EXCLUDED_BY_ORGANISATION = "excluded by the organisation"
EXCLUDED_BY_REPOSITORY = f"excluded by {REPOSITORY_SETTINGS_PATH}"

_REASON_CHARACTERS = 500
_MAX_BYTES = 50_000
"""Whoever may push can write the file: reading it must not keep others waiting."""

RootFile = Callable[[str], bytes | None]
"""Gives the content of a file in the root folder of the repository."""


@dataclass(frozen=True)
class Policy:
    """What may be read of one repository at one commit."""

    unread_because: str | None
    """Why nothing of it is read; None if it is."""
    organisation: Organisation = Organisation()
    own: RepositorySettings = RepositorySettings()
    mistake: str | None = None
    """What is wrong with the repository's own settings, which then have no effect."""
    no_claude_because: str | None = "nobody said that it may"
    """Why Claude may not read it besides the rules; None if it may."""

    def reason_not_to_read(self, path: str) -> str | None:
        """Why the file at `path` is not read, None if it is."""
        if names_path(self.organisation.paths.exclude, path):
            return EXCLUDED_BY_ORGANISATION
        return EXCLUDED_BY_REPOSITORY if names_path(self.own.exclude, path) else None

    @property
    def digest_parts(self) -> list[object]:
        """What of it makes the same files be read otherwise; empty where nothing does."""
        parts = [self.organisation.paths.exclude, self.own.exclude, self.mistake]
        return [parts] if any(parts) else []


def with_mistake(receipt: Receipt, mistake: str) -> Receipt:
    """`receipt`, which also tells that the repository's settings have no effect, and why."""
    told = NotRead(reason=f"settings with a mistake ({mistake})", count=1, paths=(REPOSITORY_SETTINGS_PATH,))
    return receipt.model_copy(update={"not_read": (*receipt.not_read, told)})


def policy_of(repository: Repository, organisation: Organisation, root_file: RootFile) -> Policy:
    """What may be read of `repository`; its own settings are asked for only where they could matter."""
    if not organisation.wants(repository.name):
        return Policy(EXCLUDED_BY_ORGANISATION)
    content, own, mistake = root_file(REPOSITORY_SETTINGS_PATH), RepositorySettings(), None
    if content is not None:
        try:
            own = parse(RepositorySettings, content, max_bytes=_MAX_BYTES)
        except Mistake as error:
            mistake = redact(str(error)).text[:_REASON_CHARACTERS]
    return Policy(
        unread_because=None if own.analyse else f"{REPOSITORY_SETTINGS_PATH} says analyse: false",
        organisation=organisation,
        own=own,
        mistake=mistake,
        no_claude_because=_no_claude(repository, organisation, own),
    )


def _no_claude(repository: Repository, organisation: Organisation, own: RepositorySettings) -> str | None:
    if not own.claude:
        return f"{REPOSITORY_SETTINGS_PATH} says claude: false"
    if organisation.lets_claude_read(repository.name, private=repository.private):
        return None
    kind = "it is private, and" if repository.private else "it"
    return f"{kind} is not among the repositories that {ORGANISATION_PATH} lets Claude read"
