"""Whose webhooks are listened to: an App that is public by mistake can be installed by anybody."""

from dataclasses import dataclass

from webhook_receiver.wire import Wire, read


@dataclass(frozen=True)
class Allowed:
    """Owners by their login in lower case, and installations by number; all, where both are empty."""

    owners: frozenset[str] = frozenset()
    installations: frozenset[int] = frozenset()

    def __str__(self) -> str:
        return ",".join(sorted([*self.owners, *map(str, self.installations)])) or "everybody"

    def lets(self, payload: object) -> bool:
        """Whether `payload` is about something of theirs."""
        if not self.owners and not self.installations:
            return True
        about = read(_About, payload)
        if about.installation and about.installation.id in self.installations:
            return True
        return any(map(self.has, about.owners()))

    def has(self, owner: str) -> bool:
        """Whether `owner` is named here."""
        return owner.lower() in self.owners


EVERYBODY = Allowed()


def parse_allowed(text: str) -> Allowed:
    """`acme,other,12345`: logins, and installations by number; raise ValueError where one can be neither."""
    names = [name.strip().lower() for name in text.split(",") if name.strip()]
    wrong = [name for name in names if not all(part.isalnum() and part.isascii() for part in name.split("-"))]
    if wrong or not names:
        said = ", ".join(wrong) or repr(text)
        raise ValueError(f"{said}: name owners (acme) or installations (12345), with commas between them")
    return Allowed(
        owners=frozenset(name for name in names if not name.isdigit()),
        installations=frozenset(int(name) for name in names if name.isdigit()),
    )


class _Account(Wire):
    login: str | None = None


class _Installation(Wire):
    id: int | None = None
    account: _Account | None = None


class _Repository(Wire):
    full_name: str = ""


class _About(Wire):
    installation: _Installation | None = None
    repository: _Repository | None = None

    def owners(self) -> list[str]:
        """Whose repository or installation it is."""
        account = self.installation.account if self.installation else None
        named = self.repository.full_name.partition("/")[0] if self.repository else None
        return [owner for owner in (account and account.login, named) if owner]
