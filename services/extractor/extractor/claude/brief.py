"""The question that is put to Claude: `brief.md` filled in, and the pieces behind it."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from extractor.claude.answer import SCHEMA
from extractor.claude.fence import fenced, visible
from extractor.claude.meaning import Meaning
from extractor.claude.pieces import Piece
from extractor.claude.request import Request

PROMPT_VERSION = 1
"""Goes up with every change of `brief.md`, the fence or the schema: what was said before answered another."""

MAX_TOKENS = 16_000
"""Of the answer, thinking included."""

_MOST_STANDING = 300
_SECOND_PART = "<!-- What follows is the second part, of one repository. -->\n"


@dataclass(frozen=True)
class RepositoryContext:
    """What a question tells of the repository beside the change."""

    name: str
    """`<owner>/<name>`."""
    standing: Sequence[tuple[str, str]] = ()
    """(id, name) of the patterns that stand now, in order of id."""


def reader_id(model: str) -> str:
    """What is kept of an answer is kept for this reader: another model or brief might have said otherwise."""
    return f"claude:{model}:{PROMPT_VERSION}"


def request_for(
    pieces: Sequence[Piece],
    *,
    meaning: Meaning,
    context: RepositoryContext,
    commits: Sequence[str],
    model: str,
    nonce: str | None = None,
) -> Request:
    """The question about `pieces`, numbered from 1 in their order; `commits`: subjects without secrets."""
    organisation, repository = _parts()
    return Request(
        model=model,
        brief=organisation.replace("{{names}}", _names(meaning)),
        repository=repository.replace("{{repository}}", _word(context.name)).replace(
            "{{standing}}", _standing(context.standing)
        ),
        material=fenced(pieces, commits=commits, nonce=nonce),
        schema=SCHEMA,
        max_tokens=MAX_TOKENS,
    )


@cache
def _parts() -> tuple[str, str]:
    text = files("extractor.claude").joinpath("brief.md").read_text("utf-8")
    organisation, _, repository = text.partition(_SECOND_PART)
    return organisation.strip(), repository.strip()


def _names(meaning: Meaning) -> str:
    return "\n".join(
        f"- `{_word(pattern.id)}`: {_word(pattern.name)}. {_word(meaning.gloss(pattern.id))}".rstrip()
        for pattern in meaning.patterns
    )


def _standing(patterns: Sequence[tuple[str, str]]) -> str:
    some = patterns[:_MOST_STANDING]
    return "\n".join(f"- `{_word(id_)}`: {_word(name)}" for id_, name in some) or "Nothing yet."


def _word(text: str) -> str:
    """`text` on one line, as names of people and repositories may hold anything."""
    return " ".join(visible(text).replace("`", "'").split())[:200]
