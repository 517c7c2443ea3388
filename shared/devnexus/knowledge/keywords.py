"""Words that say what a repository is about: its languages, and what its files of code are called."""

import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

_MOST = 20
_WORD = re.compile(r"[A-Z]?[^\W\d_A-Z]{3,}|[A-Z]{3,}(?![a-z])")

_SAY_NOTHING = frozenset(
    "app apps base build cli client clients cmd code common conf config constants core demo dist doc docs"
    " example examples exceptions fixtures func generated handler handlers helper helpers impl index init"
    " integration internal lib libs main misc mock mocks mod models module modules package packages pkg"
    " private public resources sample samples schema schemas script scripts server service services setup"
    " shared source spec src static support templates test testdata tests tool tools type types unit util"
    " utils vendor version views web".split()
)


@lru_cache(maxsize=100_000)
def words_of(path: str) -> frozenset[str]:
    """The words in the names of a file and its folders, in lower case, without those every repository has."""
    folders, _, name = path.rpartition("/")
    stem = name.rpartition(".")[0] or name
    return frozenset(word.lower() for word in _WORD.findall(f"{folders}/{stem}")) - _SAY_NOTHING


def keywords(languages: Iterable[str], words: Counter[str]) -> tuple[str, ...]:
    """The languages in lower case and the 20 words that most files carry, sorted."""
    frequent = sorted(words, key=lambda word: (-words[word], word))[:_MOST]
    return tuple(sorted({language.lower() for language in languages} | set(frequent)))
