"""Where things stand in a TOML file: `tomllib` gives values without their lines."""

import re

from extractor.evidence import lines_of

# none of these can match the same text in two ways, so matching takes linear time
_HEADER = re.compile(r"[ \t]*\[{1,2}([^\[\]\n]+)\]")
_KEY = re.compile(r"((?:[\w.\- \t]|\"[^\"\n]*\"|'[^'\n]*')+)=")
_STRING = re.compile(r"\"([^\"\n]*)\"|'([^'\n]*)'")
_PART = re.compile(r"\"([^\"\n]*)\"|'([^'\n]*)'|([\w-]+)")

Path = tuple[str, ...]


class TomlLines:
    """Answers on which line a key, or a string under a key, stands."""

    def __init__(self, text: str) -> None:
        self._keys: dict[Path, int] = {}
        self._strings: dict[tuple[Path, str], int] = {}
        section: Path = ()
        key: Path = ()
        for number, line in enumerate(lines_of(text), 1):
            if header := _HEADER.match(line):
                section = key = _parts(header[1])
            elif found := _KEY.match(line):
                key = section + _parts(found[1])
            self._keys.setdefault(key, number)
            for string in _STRING.finditer(line):
                self._strings.setdefault((key, string[1] or string[2] or ""), number)

    def of_key(self, *path: str) -> int:
        """The line of the key, else of the nearest table around it, else 1."""
        return next((self._keys[outer] for outer in _outward(path) if outer in self._keys), 1)

    def of_string(self, content: str, *path: str) -> int:
        """The line on which the string stands under this key or a table around it, else the key's."""
        places = ((outer, content) for outer in _outward(path))
        return next((self._strings[place] for place in places if place in self._strings), self.of_key(*path))


def _parts(dotted: str) -> Path:
    return tuple(part[1] or part[2] or part[3] or "" for part in _PART.finditer(dotted))


def _outward(path: Path) -> list[Path]:
    return [path[:size] for size in range(len(path), 0, -1)]
