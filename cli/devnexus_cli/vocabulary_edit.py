"""Edits of vocabulary.yaml that leave everything else in it as people wrote it."""

import io
import re
from collections.abc import Callable, Sequence

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from devnexus.people.mistake import Mistake
from devnexus.people.vocabulary import Naming, Vocabulary
from devnexus.people.yaml_file import parse

_PLAIN = re.compile(r"(?!(?:y|n|yes|no|on|off|true|false|null)$)[A-Za-z][\w /&+.-]*(?<! )", re.IGNORECASE)
_FIELD_WITHIN = re.compile(r"^( +)[^\s#-]", re.MULTILINE)
_DASH_WITHIN = re.compile(r"^( *)[^\s#-][^\n]*:[ ]*\n( *)- ", re.MULTILINE)
_COMMENT = re.compile(r"(?:^|\s)(#.*)$", re.MULTILINE)


def with_name(content: bytes, id_: str, name: str) -> bytes:
    """The file with another name for one pattern. Raises Mistake where that cannot be done safely."""

    def change(entry: CommentedMap) -> None:
        entry["name"] = _text(name)

    return _edited(content, id_, change)


def with_merged(content: bytes, into: str, name: str, *, ids: Sequence[str], aliases: Sequence[str]) -> bytes:
    """The file with further ids and names for `into`, which is called `name` where it has none yet.

    Raises Mistake where that cannot be done safely.
    """

    def change(entry: CommentedMap) -> None:
        if not entry.get("name"):
            entry.insert(0, "name", _text(name))
        _extend(entry, "aliases", aliases)
        _extend(entry, "merge", ids)

    return _edited(content, into, change)


def _extend(entry: CommentedMap, field: str, words: Sequence[str]) -> None:
    if words and not entry.get(field):
        entry[field] = _list()
    entry.get(field, []).extend(_text(word) for word in words if word not in entry[field])


def _edited(content: bytes, id_: str, change: Callable[[CommentedMap], None]) -> bytes:
    before = parse(Vocabulary, content)
    text = content.decode()
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 1_000_000  # people's lines are as long as they want them
    try:
        yaml.indent(mapping=_indent(text), sequence=_dash(text) + 2, offset=_dash(text))
        edited = _with(yaml.load(text), yaml, text, id_, change)
    except (YAMLError, AttributeError, TypeError, ValueError) as error:
        raise Mistake(f"cannot be edited safely, edit it by hand: {type(error).__name__}") from error
    _check(before, content, edited.encode(), id_)
    return edited.encode()


def _indent(text: str) -> int:
    """How many blanks people put before a field within another."""
    first = _FIELD_WITHIN.search(text)
    return len(first[1]) if first else 2


def _dash(text: str) -> int:
    """How many more stand before the dash of a list than before its field."""
    first = _DASH_WITHIN.search(text)
    return len(first[2]) - len(first[1]) if first else 2


def _with(
    page: CommentedMap | None, yaml: YAML, text: str, id_: str, change: Callable[[CommentedMap], None]
) -> str:
    """The text after the change; a file that says nothing yet keeps what stands in it, and gets a section."""
    whole = CommentedMap() if page is None else page
    if not whole.get("patterns"):
        whole["patterns"] = CommentedMap()
    entry = whole["patterns"].get(id_)
    if not entry:
        entry = whole["patterns"][id_] = CommentedMap()
    change(entry)
    stream = io.StringIO()
    yaml.dump(whole, stream)
    written = stream.getvalue()
    if page is None and text.strip():
        return f"{text.rstrip()}\n\n{written}"
    return written


def _check(before: Vocabulary, old: bytes, new: bytes, id_: str) -> None:
    """Raise Mistake if the edit lost a comment, or changed more than one pattern's entry."""
    after = parse(Vocabulary, new)
    if _others(before, id_) != _others(after, id_):
        raise Mistake("cannot be edited safely, edit it by hand: the edit would change other patterns")
    if _COMMENT.findall(old.decode()) != _COMMENT.findall(new.decode()):
        raise Mistake("cannot be edited safely, edit it by hand: a comment would be lost")


def _others(vocabulary: Vocabulary, id_: str) -> dict[str, Naming]:
    return {other: naming for other, naming in vocabulary.patterns.items() if other != id_}


def _text(word: str) -> str:
    return word if _PLAIN.fullmatch(word) else DoubleQuotedScalarString(word)


def _list() -> CommentedSeq:
    words = CommentedSeq()
    words.fa.set_flow_style()
    return words
