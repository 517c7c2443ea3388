"""Which pattern a free name means: by the organisation's vocabulary, then by the taxonomy; unsure is None."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from devnexus.people.tokens import squashed, tokens
from devnexus.taxonomy import load_taxonomy

_LONGEST = 100
"""Characters. What is longer is a sentence, and may say anything of the patterns that it names."""

_MOST_FURTHER_WORDS = 3

_TELLING = frozenset().union(
    *map(
        tokens,
        "amqp bcrypt cqrs elasticsearch graphql grpc iac idempotent jwt kafka kubernetes memoization oauth"
        " oidc orm outbox pagination rabbitmq rag rbac retry saga singleton terraform throttling webhook"
        " websocket".split(),
    )
)
"""Words that mean their pattern also among others; `Repository` or `Docker` alone do not."""

_TURN_IT_ROUND = frozenset().union(
    *map(
        tokens,
        "avoid cors deprecated disabled docs dropped instead lack list manual migrate migration missing mock"
        " never no not off optimization removed replace replaced test tests vs without".split(),
    )
)
"""Words beside which a name may mean the opposite, or something else."""

_VAGUE = frozenset(
    map(
        tokens,
        (
            "Access control",
            "Active record",
            "Build pipeline",
            "Data mapper",
            "Event listener",
            "HTTP API",
            "HTTP callback",
            "Latest tag",
            "Policy pattern",
            "Process manager",
            "Request pipeline",
            "Search engine",
        ),
    )
)
"""Names that mean their pattern only when they stand alone."""


class Names:
    """The names of patterns as an organisation uses them."""

    def __init__(self, own: Mapping[str, str]) -> None:
        """`own` is what the organisation says: name, alias or id → canonical id. It decides over all."""
        self._own_ids = {id_.lower(): meant for id_, meant in own.items()}
        self._own = _Lookup(own.items())
        self._common = _taxonomy_lookup()

    def canonical_of(self, name: str) -> str | None:
        """The canonical id of the pattern that `name` means; None where that is not sure."""
        if len(name) > _LONGEST:
            return None
        words = tokens(name)
        if found := self._own.exact(name, words):
            return found
        found = self._common.exact(name, words)
        if found is None:
            held = {*self._own.within(words), *map(self._meant, self._common.within(words))}
            found = held.pop() if len(held) == 1 else None
        return self._meant(found) if found else None

    def _meant(self, id_: str) -> str:
        return self._own_ids.get(id_, id_)


class _Lookup:
    """Names → ids, by how they are spelled and by what they are made of."""

    def __init__(self, names: Iterable[tuple[str, str]]) -> None:
        self._spelled: dict[str, str | None] = {}
        self._made_of: dict[frozenset[str], str | None] = {}
        for name, id_ in names:
            _note(self._spelled, squashed(name), id_)
            _note(self._made_of, tokens(name), id_)

    def exact(self, name: str, words: frozenset[str]) -> str | None:
        """The pattern of just this name, or of one that is made of the same words."""
        return self._spelled.get(squashed(name)) or self._made_of.get(words)

    def within(self, words: frozenset[str]) -> Iterator[str]:
        """The patterns whose names `words` hold, the longest names where one holds another."""
        if words & _TURN_IT_ROUND:
            return
        held = [key for key in self._made_of if key < words and _speaks_among(key)]
        if max(map(len, held), default=0) + _MOST_FURTHER_WORDS < len(words):
            return
        for key in held:
            id_ = self._made_of[key]
            if id_ and not any(key < other for other in held):
                yield id_


def canonical_of(name: str) -> str | None:
    """The canonical id that `name` means where no organisation says otherwise; None where unsure."""
    return Names({}).canonical_of(name)


def may_mean_the_opposite(name: str) -> bool:
    """Whether a word stands in it that turns round what the others say, such as `without`."""
    return bool(tokens(name) & _TURN_IT_ROUND)


def means_it_only_alone(name: str) -> bool:
    """Whether it names its pattern only when it stands alone: what is like it may be anything."""
    return tokens(name) in _VAGUE


def _note(known: dict[str, str | None] | dict[frozenset[str], str | None], key: object, id_: str) -> None:
    """`key` means `id_`; nothing, if it means another already, or says nothing at all."""
    if key:
        known[key] = id_ if known.get(key, id_) == id_ else None  # type: ignore[index,call-overload]


def _speaks_among(key: frozenset[str]) -> bool:
    return key not in _VAGUE and (len(key) > 1 or key <= _TELLING)


@cache
def _taxonomy_lookup() -> _Lookup:
    return _Lookup(
        (name, id_)
        for id_, pattern in load_taxonomy().items()
        for name in (id_, pattern.name, *pattern.aliases)
    )


def means_it_among(name: frozenset[str], words: frozenset[str]) -> bool:
    """Whether `words` hold a name that means its pattern also among them, and nothing that turns it round."""
    return name <= words and bool(name) and _speaks_among(name) and not (words - name) & _TURN_IT_ROUND
