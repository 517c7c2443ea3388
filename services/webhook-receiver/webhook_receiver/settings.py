"""What the receiver reads from its environment."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from devnexus.errors import ConfigurationError
from devnexus.secrets import Secret, read_secret, require_secret
from devnexus.settings import read_settings, setting
from webhook_receiver.allowed import EVERYBODY, Allowed, parse_allowed

SECRET = "GITHUB_WEBHOOK_SECRET"  # nosec B105  # the name of a variable
PREVIOUS_SECRET = "GITHUB_WEBHOOK_SECRET_PREVIOUS"  # nosec B105  # the name of a variable
ALLOWED = "ALLOWED_OWNERS"
_GITHUB = "github:"


@dataclass(frozen=True)
class Settings:
    """Settings of the webhook-receiver."""

    project: str = setting("GOOGLE_CLOUD_PROJECT", about="the Google Cloud project of the topics")
    allowed: Allowed = setting(
        ALLOWED,
        about="whose webhooks are listened to: owners, or installations of the App by number, with commas"
        " between them. Required on Cloud Run",
        default=EVERYBODY,
        parse=parse_allowed,
    )
    knowledge: str | None = setting(
        "KNOWLEDGE",
        about="the knowledge base, as the kb-writer names it: pushes to its repository are not read as code",
        default=None,
    )

    @property
    def knowledge_repository(self) -> str | None:
        """`owner/name` of the knowledge base, in lower case, where a host keeps it."""
        return repository_of(self.knowledge) if self.knowledge else None


def repository_of(knowledge: str) -> str | None:
    """`owner/name`, in lower case, of the repository that holds the base, None where it is no hosted one."""
    if knowledge.startswith(_GITHUB):
        return knowledge.removeprefix(_GITHUB).lower()
    path = urlsplit(knowledge).path if "://" in knowledge else knowledge.partition(":")[2]
    parts = path.strip("/").removesuffix(".git").lower().split("/")
    return "/".join(parts[-2:]) if len(parts) >= 2 else None


def read_allowed(environment: Mapping[str, str]) -> Allowed:
    """Whose webhooks are listened to, for those who need nothing else; everybody's where it is not set."""
    try:
        return parse_allowed(environment[ALLOWED]) if environment.get(ALLOWED) else EVERYBODY
    except ValueError as error:
        raise ConfigurationError(f"{ALLOWED}: {error}") from error


def read_webhook_secrets(environment: Mapping[str, str]) -> tuple[Secret, ...]:
    """The secret that GitHub signs with, and the one before it while it is being rotated."""
    current = require_secret(SECRET, environment, about="the secret that GitHub signs webhooks with")
    previous = read_secret(PREVIOUS_SECRET, environment)
    return (current, previous) if previous else (current,)


def read(environment: Mapping[str, str]) -> tuple[Settings, tuple[Secret, ...]]:
    """Settings and secrets; raise ConfigurationError where something is missing."""
    settings = read_settings(Settings, environment)
    if environment.get("K_SERVICE") and settings.allowed == EVERYBODY:
        raise ConfigurationError(
            "ALLOWED_OWNERS is not set: on Cloud Run anybody who can sign would be listened to; "
            "name the owners whose repositories these are (acme,other)"
        )
    return settings, read_webhook_secrets(environment)
