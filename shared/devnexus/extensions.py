"""Finds what the modules of a package offer, so that a new module is all it takes to add something."""

import importlib
import pkgutil
from types import ModuleType
from typing import TypeVar

from devnexus.errors import ConfigurationError

T = TypeVar("T")


def load(package: ModuleType, attribute: str, kind: type[T]) -> dict[str, T]:
    """What each module of `package` defines as `attribute`, by the module's name, sorted.

    Raises ConfigurationError naming the module that does not define it: one that was forgotten silently
    would be found by whoever needs it.
    """
    return {
        name: _offer(f"{package.__name__}.{name}", attribute, kind)
        for name in sorted(module.name for module in pkgutil.iter_modules(package.__path__))
    }


def _offer(module: str, attribute: str, kind: type[T]) -> T:
    offered = getattr(importlib.import_module(module), attribute, None)
    if not isinstance(offered, kind):
        raise ConfigurationError(
            f"{module} is no extension: it has to define {attribute}, a {kind.__name__}. "
            "Define it, or move the module out of the package"
        )
    return offered
