"""What readers see of a page once people have had their say."""

from builders import component, known

from devnexus.knowledge.corrected import catalogue_of, corrected
from devnexus.knowledge.projection import SHOWN_ROWS, Evidence
from devnexus.people.corrections import Corrections
from devnexus.people.vocabulary import Vocabulary
from devnexus.people.yaml_file import parse

PAGE = known(
    "acme/api",
    1,
    patterns=["kafka", "retry-backoff", "resend"],
    components=[component("Client", ["a", "b"]), component("Server", ["c", "d"], start=9)],
)


def shown(corrections="", *, vocabulary="", page=PAGE, others=()):
    words = parse(Vocabulary, vocabulary.encode())
    return corrected(
        page,
        vocabulary=words,
        corrections=parse(Corrections, corrections.encode()),
        catalogue=catalogue_of([page, *others], words),
    )


def names(page):
    return page.latest_patterns.patterns


def importing(*told, page=PAGE):
    """`page` with names that an import brought, without evidence."""
    entry = page.latest_patterns.model_copy(update={"patterns": (*names(page), *told)})
    return page.model_copy(update={"latest_patterns": entry, "unverified_patterns": told})


def test_where_nobody_says_anything_the_page_is_the_very_same():
    assert shown() is PAGE


def test_a_hidden_pattern_is_gone_from_everything_that_names_it():
    for word in ("kafka", "KAFKA"):
        page = shown(f"hide: [{{pattern: {word}, reason: only in a comment}}]")
        assert list(page.standing_patterns) == ["resend", "retry-backoff"]
        assert names(page) == ("Resend", "Retry backoff")


def test_a_pattern_is_hidden_by_its_name_as_well():
    assert "retry-backoff" not in shown("hide: [{pattern: retry Backoff}]").standing_patterns


def test_what_is_hidden_or_renamed_need_not_have_evidence():
    page = shown(
        "hide: [{pattern: outbox pattern}]\nrename: [{pattern: SAGA, name: Saga (orchestrated)}]",
        page=importing("Outbox Pattern", "Saga"),
    )
    assert names(page) == ("Kafka", "Resend", "Retry backoff", "Saga (orchestrated)")
    assert page.unverified_patterns == ("Saga (orchestrated)",)


def test_a_renamed_pattern_keeps_its_id_and_evidence_and_is_called_otherwise():
    page = shown("rename: [{pattern: kafka, name: Event bus}]\nconfirm: [{pattern: event bus, by: ada}]")
    kafka = page.standing_patterns["kafka"]
    assert (kafka.name, kafka.source) == ("Event bus", "person")
    assert kafka.evidence == PAGE.standing_patterns["kafka"].evidence
    assert names(page) == ("Event bus", "Resend", "Retry backoff")


def test_a_confirmed_pattern_keeps_its_evidence_and_confidence():
    confirmed = shown("confirm: [{pattern: Kafka, by: ada}]").standing_patterns["kafka"]
    assert confirmed == PAGE.standing_patterns["kafka"].model_copy(update={"source": "person"})


def test_a_pattern_on_a_persons_word_alone_is_unverified():
    page = shown("confirm: [{pattern: Outbox Pattern, by: ada}]")
    outbox = page.standing_patterns["outbox"]
    assert (outbox.name, outbox.source, outbox.evidence) == ("Transactional outbox", "person", ())
    assert outbox.confidence == 0
    assert names(page) == ("Kafka", "Resend", "Retry backoff", "Transactional outbox")
    assert page.unverified_patterns == ("Transactional outbox",)


def test_a_pattern_that_an_import_names_and_a_person_confirms_stays_unverified_and_is_there_once():
    page = shown("confirm: [{pattern: outbox, by: ada}]", page=importing("Outbox"))
    assert names(page)[3:] == page.unverified_patterns == ("Transactional outbox",)
    assert page.standing_patterns["outbox"].source == "person"


def test_who_confirms_what_is_also_hidden_by_another_word_does_not_bring_it_back():
    page = shown("hide: [{pattern: retry-backoff}]\nconfirm: [{pattern: Retry Backoff, by: ada}]")
    assert "retry-backoff" not in page.standing_patterns


def test_merged_patterns_are_one_with_the_evidence_of_both():
    words = "patterns: {retry: {name: Retry, category: resilience, merge: [retry-backoff, resend]}}"
    page = shown(vocabulary=words)
    merged = page.standing_patterns["retry"]
    assert list(page.standing_patterns) == ["kafka", "retry"]
    assert (merged.name, merged.category) == ("Retry", "resilience")
    assert {row.path for row in merged.evidence} == {"src/resend.py", "src/retry-backoff.py"}
    assert merged.confidence == PAGE.standing_patterns["resend"].confidence
    assert names(page) == ("Kafka", "Retry")
    assert shown("hide: [{pattern: resend}]", vocabulary=words).standing_patterns.keys() == {"kafka"}


def test_rows_beyond_the_shown_ones_are_counted_once():
    def rows(path, count):
        return tuple(
            Evidence(path=path, start=n, end=n, kind="code", weight=0.5, quote="0" * 16, commit="c" * 40)
            for n in range(1, count + 1)
        )

    standing = {
        "retry-backoff": PAGE.standing_patterns["retry-backoff"].model_copy(
            update={"evidence": rows("a.py", 15), "further_evidence": {"b.py": 2}}
        ),
        "resend": PAGE.standing_patterns["resend"].model_copy(
            update={"evidence": (*rows("a.py", 3), *rows("b.py", 10)), "further_evidence": {}}
        ),
    }
    page = shown(
        vocabulary="patterns: {retry-backoff: {name: Retry, merge: [resend]}}",
        page=PAGE.model_copy(update={"standing_patterns": standing}),
    )
    merged = page.standing_patterns["retry-backoff"]
    assert len(merged.evidence) == SHOWN_ROWS
    assert merged.further_evidence == {"b.py": 2 + 15 + 10 - SHOWN_ROWS}


def test_an_alias_is_shown_under_the_canonical_name_wherever_it_comes_from():
    words = "patterns: {retry-backoff: {name: Retry with backoff, aliases: [Exponential Backoff, RESEND]}}"
    page = shown(vocabulary=words, page=importing("exponential backoff", "Saga"))
    assert names(page) == ("Kafka", "Retry with backoff", "Saga")
    assert list(page.standing_patterns) == ["kafka", "retry-backoff"]
    assert page.unverified_patterns == ("Saga",)
    by_name = shown(vocabulary="patterns: {retry: {name: Retry, aliases: [retry BACKOFF]}}")
    assert list(by_name.standing_patterns) == ["kafka", "resend", "retry"]
    alone = shown(vocabulary=words, page=importing("Exponential backoff", page=known("acme/x", 2)))
    assert names(alone) == alone.unverified_patterns == ("Retry with backoff",)


def test_a_name_of_the_vocabulary_holds_until_the_repository_says_otherwise():
    words = "patterns: {kafka: {name: Event bus, category: messaging}}"
    assert names(shown(vocabulary=words))[0] == "Event bus"
    page = shown("rename: [{pattern: event bus, name: Our bus}]", vocabulary=words)
    assert (names(page)[0], page.standing_patterns["kafka"].category) == ("Our bus", "messaging")


def test_components_are_hidden_by_id_or_by_the_paths_of_their_files():
    client, server = PAGE.components
    page = shown(f'hide: [{{component: "{client.component_id}"}}]')
    assert page.components == (server,)
    assert shown("hide: [{component: src/}]").components == ()
    assert shown("hide: [{component: src}]").components == PAGE.components


def test_what_people_correct_can_be_written_and_read_as_any_page():
    page = shown("confirm: [{pattern: outbox, by: ada}]\nhide: [{pattern: kafka}]")
    assert type(page).model_validate_json(page.page()) == page


def test_a_name_that_an_import_brought_is_shown_once_as_everybody_calls_it():
    page = shown(page=importing("Kafka consumers", "sagas", "Saga pattern", "Our own thing"))
    assert names(page) == ("Kafka", "Resend", "Retry backoff", "Saga", "Our own thing")
    assert page.unverified_patterns == ("Saga", "Our own thing")
