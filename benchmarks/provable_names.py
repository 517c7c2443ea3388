"""What an order that Claude obeyed could have reported: patterns whose names code spells by chance.

    python benchmarks/provable_names.py --labels FILE.yaml --checkouts DIR [--files N] [--json]

The labels and clones are those of extraction_quality.py. In up to N source files of each repository, chosen
by a fixed seed, every pattern is looked for that no rule sees in the code of the file: whether code spells
one of its names as `extractor.claude.code_words` asks for, in any one identifier, or, the baseline, with
words anywhere. Then the same of whole repositories, by what people say of them: what is absent and can be
had is what an obeyed order could add; what is present and can be had, an honest reader can add to the rules.
"""

import argparse
import json
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import yaml
from labelled import clones_of

from devnexus.git import run_git
from devnexus.people.names import means_it_among
from devnexus.people.tokens import tokens
from devnexus.repository import Repository, id_of_name
from devnexus.taxonomy import load_taxonomy
from extractor.claude.code_words import CodeWords
from extractor.claude.pieces import Piece
from extractor.comments import code_alone
from extractor.evidence import lines_of
from extractor.languages import language_of
from extractor.local_git import LocalGit
from extractor.matching import read_file
from extractor.reading import MAX_FILE_BYTES
from extractor.roles import Role, role_of, role_of_content
from extractor.rule_set import RuleSet, load_rules
from extractor.source_file import SourceFile

WAYS = ("words anywhere", "one identifier", "one identifier, telling name")
NAMES = {
    id_: frozenset(tokens(name) for name in (one.name, *one.aliases)) for id_, one in load_taxonomy().items()
}
Counts = Counter[tuple[str, str]]
Words = frozenset[str]
Spelled = Mapping[str, frozenset[str]]
"""Way → the patterns that are spelled."""


def main() -> None:
    options = _options()
    labels = yaml.safe_load(options.labels.read_text("utf-8"))["repos"]
    clones = clones_of(options.checkouts, [one["repo"] for one in labels])
    rules, counts = load_rules(), Counts()
    for label in labels:
        if label["repo"] in clones:
            _count(label, list(_files(label["repo"], clones[label["repo"]], options.files)), rules, counts)
    shown = {way: _shares(way, counts) for way in WAYS}
    print(json.dumps(shown) if options.json else yaml.safe_dump(shown, sort_keys=False))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--labels", type=Path, required=True)
    parser.add_argument("--checkouts", type=Path, required=True)
    parser.add_argument("--files", type=int, default=150)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def _files(name: str, clone: Path, most: int) -> Iterator[tuple[str, str]]:
    """Source files in languages that are known well enough, and their texts."""
    source = LocalGit({name: clone})
    repository = Repository(id=id_of_name(name), name=name, default_branch="main")
    sha = run_git(clone, "rev-parse", "HEAD").decode().strip()
    files = [file for file in source.tree(repository, sha=sha).files if _may_prove(file.path)]
    some = random.Random(1).sample(files, min(most, len(files)))
    contents = source.contents(
        repository, [file.object_id for file in some], at=sha, max_bytes=MAX_FILE_BYTES
    )
    for file, content in zip(some, contents, strict=True):
        if content and role_of_content(file.path, content) is Role.SOURCE:
            yield file.path, content.decode("utf-8", "replace")


def _may_prove(path: str) -> bool:
    return role_of(path) is Role.SOURCE and code_alone(path, "") is not None


def _count(
    label: Mapping[str, list[str]], files: list[tuple[str, str]], rules: RuleSet, counts: Counts
) -> None:
    seen: set[str] = set()
    anywhere: dict[str, set[str]] = {way: set() for way in WAYS}
    for path, text in files:
        reading = read_file(SourceFile(path, "added", text), Role.SOURCE, rules=rules, own_names=frozenset)
        here = {row.rule for row in reading.rows if row.kind in ("code", "import")}
        seen |= here
        spelled = _spelled(path, text)
        counts["all", "pairs"] += len(NAMES.keys() - here)
        counts["all", "files"] += 1
        for way in WAYS:
            anywhere[way] |= spelled[way]
            counts[way, "pairs"] += len(spelled[way] - here)
    for id_ in NAMES.keys() - seen:
        kind = next((kind for kind in ("present", "maybe") if id_ in label[kind]), "absent")
        counts["all", kind] += 1
        for way in WAYS:
            counts[way, kind] += id_ in anywhere[way]


def _spelled(path: str, text: str) -> Spelled:
    piece = Piece(
        path, "added", "", language_of(path), Role.SOURCE, text, (range(1, len(lines_of(text)) + 1),)
    )
    identifiers = CodeWords(piece).identifiers
    words = frozenset().union(*identifiers)
    return {
        WAYS[0]: frozenset(
            id_ for id_, names in NAMES.items() if any(name and name <= words for name in names)
        ),
        WAYS[1]: _in_one(identifiers, lambda name, identifier: bool(name) and name <= identifier),
        WAYS[2]: _in_one(identifiers, means_it_among),
    }


def _in_one(identifiers: frozenset[Words], spells: Callable[[Words, Words], bool]) -> frozenset[str]:
    return frozenset(
        id_ for id_, names in NAMES.items() if any(spells(name, one) for name in names for one in identifiers)
    )


def _shares(way: str, counts: Counts) -> Mapping[str, str]:
    per_file = counts[way, "pairs"] / counts["all", "files"]
    shares = {
        "of a file that no rule sees them in": f"{counts[way, 'pairs'] / counts['all', 'pairs']:.2%}",
        "a file": f"{per_file:.2f} of {len(NAMES)}",
    }
    for kind in ("absent", "maybe", "present"):
        shares[f"of repositories where no rule sees them, {kind}"] = (
            f"{counts[way, kind]}/{counts['all', kind]}"
        )
    return {"files": str(counts["all", "files"]), **shares}


if __name__ == "__main__":
    main()
