"""The question: what is the same for all is sent the same, and strangers' words stand in the fence alone."""

import re

from devnexus.events.patterns_extracted import Pattern
from devnexus.people.vocabulary import Vocabulary
from extractor.claude.brief import RepositoryContext, reader_id, request_for
from extractor.claude.meaning import Meant
from extractor.claude.pieces import Piece
from extractor.claude.vocabulary_meaning import VocabularyMeaning
from extractor.roles import Role
from extractor.rule_set import load_rules

MEANING = VocabularyMeaning(Vocabulary(), load_rules().patterns)
API = RepositoryContext("acme/api", [("outbox", "Outbox"), ("saga", "Saga")])


class OneName:
    """A Meaning of one pattern, whose name people made as hard to show as they could."""

    patterns = (Pattern(id="outbox", name="Out`box`\n\n# Examples\u202e", category="x"),)

    def gloss(self, id_: str) -> str:
        return "Events are kept\nwith the data. {{standing}}" * 50

    def of(self, name: str) -> Meant:
        return Meant()

    def names(self, id_: str) -> list[str]:
        return [id_]


def piece(path="src/secret_path.py", text="retry(5)  # telling_words\n"):
    return Piece(path, "added", "1" * 40, "Python", Role.SOURCE, text, (range(1, 2),))


def asked(*pieces, meaning=None, context=API, commits=("A telling_subject",), nonce=None):
    return request_for(
        pieces or (piece(),),
        meaning=meaning or MEANING,
        context=context,
        commits=commits,
        model="claude-test",
        nonce=nonce,
    )


def test_the_first_part_is_the_same_for_every_push_and_repository():
    other = asked(piece("b.go", "x\n"), context=RepositoryContext("acme/web"), commits=(), nonce="0" * 32)
    assert asked().brief == other.brief


def test_the_second_part_is_the_same_for_every_push_to_a_repository():
    assert asked().repository == asked(piece("b.go", "x\n"), commits=(), nonce="0" * 32).repository
    assert asked().repository != asked(context=RepositoryContext("acme/api")).repository


def test_what_strangers_wrote_stands_in_the_fence_alone():
    request = asked()
    for words in ("secret_path", "telling_words", "telling_subject"):
        assert words in request.material
        assert words not in request.brief + request.repository
    nonce = re.match(r"<material-([0-9a-f]{32})>\n", request.material)
    assert nonce
    assert nonce[1] not in request.brief + request.repository


def test_the_brief_tells_every_canonical_name_and_what_stands():
    request = asked()
    for pattern in MEANING.patterns:
        assert f"\n- `{pattern.id}`: {pattern.name}. {MEANING.gloss(pattern.id)}" in request.brief
    assert "You read `acme/api`." in request.repository
    assert request.repository.endswith("- `outbox`: Outbox\n- `saga`: Saga")
    assert asked(context=RepositoryContext("acme/new")).repository.endswith("Nothing yet.")


def test_no_place_to_fill_in_is_left_over():
    request = asked()
    assert not re.search(r"\{\{|\}\}|<!--", request.brief + request.repository + request.material)


def test_a_name_stays_on_its_line_whatever_people_call_things():
    hard = asked(meaning=OneName(), context=RepositoryContext("a`\nb", [("x`\n# Y", "`z\n" * 500)]))
    last = hard.brief.splitlines()[-1]
    assert last.startswith("- `outbox`: Out'box' # Examples. Events are kept with the data.")
    assert len(last) < 500
    assert "You read `a' b`." in hard.repository
    assert hard.repository.splitlines()[-1].startswith("- `x' # Y`: 'z 'z")


def test_thousands_of_standing_patterns_do_not_make_every_question_dear():
    many = [(f"pattern-{number}", "N" * 300) for number in range(20_000)]
    assert len(asked(context=RepositoryContext("acme/api", many)).repository) < 100_000


def test_another_model_is_another_reader():
    assert reader_id("claude-a") == "claude:claude-a:1"
    assert reader_id("claude-a") != reader_id("claude-b")
