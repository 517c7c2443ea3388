"""Who may call whom, and what each service may do."""

from collections.abc import Iterator
from dataclasses import dataclass

from deploy_plan.setup import Setup


@dataclass(frozen=True)
class MayCall:
    """A caller, whom it calls, and with what."""

    who: str
    whom: str
    how: str


@dataclass(frozen=True)
class May:
    """What the account of a service may do."""

    service: str
    roles: tuple[str, ...]
    reads_secrets: tuple[str, ...]


def callers(setup: Setup) -> Iterator[MayCall]:
    """Everybody who gets an answer from a service."""
    for name, service in setup.services.items():
        if service.open:
            yield MayCall("everybody", name, service.open)
        pushed = [one for one, push in setup.subscriptions.items() if push == name]
        if pushed:
            yield MayCall("nexus-pubsub", name, f"POST /events, a token for it: {', '.join(pushed)}")
        calls = [f"POST {call.path}" for who, call in setup.scheduled if who == name]
        if calls:
            yield MayCall("nexus-scheduler", name, f"{', '.join(calls)}, a token for it")
        if service.runs_as == "worker-pool":
            yield MayCall("nobody", name, "it has no address; it pulls")


def common_rights(setup: Setup) -> list[str]:
    """What every service may do."""
    common = [f"{_short(grant.role)} on {grant.on}" for grant in setup.common]
    given = {f"{_short(grant.role)} on {grant.on}" for _, grant in setup.grants}
    return [one for one in common if one in given]


def rights(setup: Setup) -> Iterator[May]:
    """What each service's own account may do besides, and nothing else."""
    for name in setup.services:
        by_role: dict[str, list[str]] = {}
        for who, grant in setup.grants:
            if who == name and grant not in setup.common:
                by_role.setdefault(_short(grant.role), []).append(grant.on)
        roles = tuple(f"{role} on {', '.join(on)}" for role, on in by_role.items())
        yield May(name, roles, tuple(sorted(setup.readers[name])))


def _short(role: str) -> str:
    return role.removeprefix("roles/")
