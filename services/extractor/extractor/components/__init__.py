"""Components worth reuse: documented classes and functions that a file offers to others.

Each language family is read by its own grammar. A sketch of the lines goes with each component, so that
the same one is recognised in another repository, also when one of the two has changed since.
"""

from devnexus.events.patterns_extracted import Component
from extractor.components import go, java, python, script
from extractor.components.definition import component, fitting
from extractor.components.sketch import sketch_of

__all__ = ["components_of", "sketch_of"]

_READERS = {
    "Python": python.definitions,
    "JavaScript": script.definitions,
    "TypeScript": script.definitions,
    "Go": go.definitions,
    "Java": java.definitions,
}


def components_of(text: str, language: str | None) -> tuple[Component, ...]:
    """The components in a file of source, in order of line; none where it cannot be parsed."""
    reader = _READERS.get(language or "")
    text = text.removeprefix("\ufeff")
    if reader is None or "\r" in text.replace("\r\n", ""):
        return ()  # at a lone carriage return Python ends a line and git does not
    return tuple(component(one) for one in fitting(reader(text)))
