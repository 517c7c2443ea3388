"""Settings: a frozen dataclass per process, read once from the environment and checked at start."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from devnexus.errors import ConfigurationError

S = TypeVar("S")

REQUIRED = dataclasses.MISSING

EVERY_ADDRESS = "0.0.0.0"  # nosec B104  # of a container, which the platform stands before
"""What a service listens on unless HOST says otherwise."""


def setting(
    variable: str,
    *,
    about: str,
    default: Any = REQUIRED,  # noqa: ANN401 - a field of any type
    parse: Callable[[str], Any] = str,
) -> Any:  # noqa: ANN401 - stands where a dataclass field of any type is declared
    """A field of a settings dataclass that comes from the environment variable `variable`."""
    metadata = {"variable": variable, "about": about, "parse": parse}
    if default is REQUIRED:
        return dataclasses.field(metadata=metadata)
    return dataclasses.field(default=default, metadata=metadata)


def read_settings(kind: type[S], environment: Mapping[str, str]) -> S:
    """The settings that `environment` holds; raise ConfigurationError naming all that is wrong at once."""
    values: dict[str, object] = {}
    problems: list[str] = []
    for field in dataclasses.fields(kind):  # type: ignore[arg-type]
        if "variable" not in field.metadata:
            continue
        variable, text = field.metadata["variable"], environment.get(field.metadata["variable"], "")
        if text:
            try:
                values[field.name] = field.metadata["parse"](text)
            except ValueError as error:
                problems.append(f"{variable}: {error}")
        elif field.default is REQUIRED:
            problems.append(f"{variable} is not set: {field.metadata['about']}")
    if problems:
        raise ConfigurationError("; ".join(problems))
    return kind(**values)


def yes_or_no(text: str) -> bool:
    """Whether `text` is `true`, and not `false`; raise ValueError where it is neither."""
    if text.lower() not in {"true", "false"}:
        raise ValueError(f"{text!r} is neither true nor false")
    return text.lower() == "true"


def whole_number(text: str) -> int:
    """`text` as a number from 1 up; raise ValueError otherwise."""
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise ValueError(f"{text!r} is not a whole number from 1 up")
    return int(text)
