"""Who is told of what: the YAML file that ROUTES_FILE names, as frozen types."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import Field, ValidationError

from devnexus import extensions
from devnexus.errors import ConfigurationError
from devnexus.events.event import Cause, describe
from devnexus.people.organisation import Route
from devnexus.values import Value
from notifier import channels
from notifier.channel import Channel, ChannelKind, Surroundings

Kinds = Mapping[str, ChannelKind[Any]]
"""Channels by name."""


@dataclass(frozen=True)
class Target:
    """Somebody to tell, and the channel that reaches them."""

    channel: str
    fields: Value
    every_push: bool = False
    summaries: bool = True


@dataclass(frozen=True)
class Routes:
    """All targets, and who is told of what."""

    file: str
    """Where the targets stand, for messages."""
    targets: Mapping[str, Target]
    routes: tuple[Route, ...]

    def asking(self, repository: str, cause: Cause) -> Mapping[str, Sequence[Route]]:
        """Target → its routes that are about what `cause` brought to `<owner>/<name>`, in their order."""
        found: dict[str, list[Route]] = defaultdict(list)
        for route in self.routes:
            if route.hears(repository, cause):
                for target in dict.fromkeys(route.to):
                    found[target].append(route)
        return found

    def every_push(self, target: str) -> bool:
        """Whether the target is told of every push, be there news or not."""
        return target in self.targets and self.targets[target].every_push

    def summaries(self, target: str) -> bool:
        """Whether the target is told of runs over many repositories."""
        return target in self.targets and self.targets[target].summaries

    def unknown(self, routes: Sequence[Route]) -> tuple[str, ...]:
        """The targets that these routes name and that are not there, each once."""
        return tuple(dict.fromkeys(name for route in routes for name in route.to if name not in self.targets))

    def with_routes(self, routes: Sequence[Route]) -> "Routes":
        """The same targets with other routes; targets that are not there are left out of them."""
        known = (tuple(name for name in route.to if name in self.targets) for route in routes)
        told = (route.model_copy(update={"to": to}) for route, to in zip(routes, known, strict=True))
        return replace(self, routes=tuple(told))


class _Entry(Value):
    channel: str


class _File(Value):
    targets: dict[Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,62}$")], dict[str, Any]]
    routes: tuple[Route, ...]


_TO_THE_LOG = {"targets": {"console": {"channel": "console"}}, "routes": [{"to": ["console"]}]}


def load_kinds() -> Kinds:
    """Every channel that there is, by the name of its module."""
    return extensions.load(channels, "CHANNEL", ChannelKind)


def read_routes(path: Path | None, kinds: Kinds) -> Routes:
    """The routes in the file at `path`; without one, everything goes to the log.

    Raises ConfigurationError naming the file, the field and what to write there.
    """
    if path is None:
        return parse_routes(_TO_THE_LOG, kinds, file="the default routes")
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigurationError(f"ROUTES_FILE: {path} cannot be read: {error.strerror}") from error
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigurationError(f"ROUTES_FILE: {path} is not YAML: {_reason(error)}") from error
    return parse_routes(content, kinds, file=str(path))


def parse_routes(content: Any, kinds: Kinds, *, file: str) -> Routes:  # noqa: ANN401 - the edge: any YAML
    """The routes in `content`; raise ConfigurationError as `read_routes` does."""
    try:
        parsed = _File.model_validate(content)
    except ValidationError as error:
        raise ConfigurationError(f"{file}: {describe(error)}. It holds `targets` and `routes`") from error
    targets = {
        name: _target(fields, kinds, f"{file}: targets.{name}") for name, fields in parsed.targets.items()
    }
    for number, route in enumerate(parsed.routes):
        for name in route.to:
            if name not in targets:
                known = ", ".join(sorted(targets)) or "none yet"
                raise ConfigurationError(
                    f"{file}: routes.{number}.to: there is no target {name!r}; name one of targets ({known})"
                )
    return Routes(file=file, targets=targets, routes=parsed.routes)


def open_channels(routes: Routes, kinds: Kinds, surroundings: Surroundings) -> dict[str, Channel]:
    """A channel for each target; raise ConfigurationError naming file and field where one cannot be."""
    opened: dict[str, Channel] = {}
    for name, target in routes.targets.items():
        try:
            opened[name] = kinds[target.channel].open(target.fields, surroundings)
        except ConfigurationError as error:
            raise ConfigurationError(f"{routes.file}: targets.{name}.{error}") from error
    return opened


def _target(fields: Mapping[str, Any], kinds: Kinds, place: str) -> Target:
    try:
        channel = _Entry.model_validate(fields, extra="ignore").channel
    except ValidationError as error:
        raise ConfigurationError(f"{place}.{describe(error)}; channels are {', '.join(kinds)}") from error
    if channel not in kinds:
        raise ConfigurationError(
            f"{place}.channel: there is no channel {channel!r}; name one of {', '.join(kinds)}"
        )
    kind = kinds[channel]
    try:
        rest = {name: value for name, value in fields.items() if name != "channel"}
        return Target(
            channel=channel,
            fields=kind.fields.model_validate(rest),
            every_push=kind.every_push,
            summaries=kind.summaries,
        )
    except ValidationError as error:
        known = ", ".join(("channel", *kind.fields.model_fields))
        raise ConfigurationError(
            f"{place}.{describe(error)}. Fields of channel {channel} are {known}"
        ) from error


def _reason(error: UnicodeDecodeError | yaml.YAMLError) -> str:
    """What is wrong and where, without the text of the line: it may hold an address that is a secret."""
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark:
        return f"line {error.problem_mark.line + 1}: {error.problem}"
    return type(error).__name__
