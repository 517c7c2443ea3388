"""What rules had to answer alone is read by Claude after all, paid for once, whatever happens meanwhile."""

from datetime import timedelta

import pytest
from builders import pushed_commits, repository
from fakes.claude_world import MODELS, ClaudeWorld, ScriptedClaude, answered, claims
from fakes.pubsub import FakePublisher

from devnexus.errors import Unavailable
from devnexus.knowledge.analyses import analyses
from devnexus.knowledge.fold import fold
from devnexus.people.organisation import Organisation
from devnexus.people.yaml_file import parse
from extractor.claude.opened import BATCH_TOLL
from extractor.claude.reanalysis import Reanalysis, Round
from extractor.claude.request import NotAnswered, OutcomeUnknown
from extractor.claude.second_opinion import AskedThrough, limits_of
from extractor.extract import analyse
from extractor.reading import Reader
from extractor.rule_set import load_rules

READER = Reader(load_rules())
BREAKER = "class CircuitBreaker:\n    def call(self, function):\n        return function()\n"
SAYS = answered(claims(("circuit-breaker", "class CircuitBreaker:")))
DOWN = NotAnswered("Claude is overloaded")


class FakeBatches:
    """Batches that end when the test says so."""

    def __init__(self, world):
        self._world = world
        self.sent = {}
        self.sent_at = {}
        self.ended = set()
        self.answer = lambda request: SAYS
        self.before_sending = lambda: None
        self.after_sending = lambda: None

    def send(self, requests):
        self.before_sending()
        name = f"batch_{len(self.sent)}"
        self.sent[name], self.sent_at[name] = dict(requests), self._world.now
        self.after_sending()
        return name

    def answers(self, batch):
        if batch not in self.ended:
            return None
        return {id_: self.answer(request) for id_, request in self.sent[batch].items()}

    def sent_since(self, at):
        return [name for name, sent_at in self.sent_at.items() if sent_at >= at]

    def end(self):
        self.ended |= self.sent.keys()


class World(ClaudeWorld):
    def __init__(self, folder, model=None, **options):
        super().__init__(folder, model or ScriptedClaude(lambda _: DOWN), **options)
        self.batches = FakeBatches(self)
        self.again = []
        self.crash = lambda: None

    def reanalysis(self):
        return Reanalysis(
            waiting=self.claude.waiting,
            calls=self.claude.calls,
            batches=self.batches,
            toll=BATCH_TOLL,
            look=self._look,
            limits=lambda: limits_of(self.organisation),
            again=self._told,
            clock=lambda: self.now,
        )

    def round(self):
        return self.reanalysis().round()

    def _told(self, events):
        self.again += events
        self.crash()

    def _look(self, event, asker):
        opinion = AskedThrough(self.claude.reader, asker)
        options = {"source": self.source, "reader": READER, "organisation": self.organisation}
        analyse(event, **options, publisher=FakePublisher(), opinion=opinion)


@pytest.fixture
def world(tmp_path):
    made = []

    def make(**options):
        made.append(World(tmp_path, **options))
        return made[-1]

    yield make
    for one in made:
        one.source.close()


def pushed(world, files=None):
    """The record of a push that rules had to answer alone."""
    shas = world.has([{"README.md": "x\n"}, files or {"src/breaker.py": BREAKER}])
    (record,) = world.push(*shas)
    assert record.receipt.claude.outcome == "not-read"
    return record


def test_a_push_that_met_an_outage_is_read_in_a_batch_and_its_record_replaced(world):
    one = world()
    by_rules = pushed(one)
    assert one.round() == Round(sent=1)
    one.batches.end()
    assert one.round() == Round(taken=1, again=1)
    (event,) = one.again
    assert (event.id, event.cause) == (by_rules.record_id, "reanalysis")
    (by_both,) = one.take(event)
    told = by_both.receipt.claude
    assert (told.outcome, told.calls, told.model) == ("read", 1, MODELS.live)
    assert told.cost_usd == pytest.approx(0.0032 / 2)
    assert analyses([by_rules, by_both]) == [by_both]
    assert "circuit-breaker" in fold([by_rules, by_both]).project().standing_patterns
    assert one.claude.waiting.count() == 0


def test_bulk_work_goes_to_the_model_for_it_and_keeps_its_cause(world):
    one = world()
    shas = one.has([{"README.md": "x\n"}, {"src/breaker.py": BREAKER}])
    one.push(*shas, cause="backfill")
    one.snapshot(shas[1])
    one.round()
    (requests,) = one.batches.sent.values()
    assert {request.model for request in requests.values()} == {MODELS.bulk}
    one.batches.end()
    one.round()
    one.now += timedelta(minutes=11)
    one.round()  # what the other asked about as well is known by now
    assert sorted(event.cause for event in one.again) == ["backfill", "snapshot"]
    assert (len(one.batches.sent), one.claude.waiting.count()) == (1, 0)


def test_a_bug_with_one_push_keeps_no_other_waiting(world, monkeypatch):
    one = world()
    first, second, third = one.has([{"README.md": "x\n"}, {"src/a.py": BREAKER}, {"src/b.py": "value = 1\n"}])
    one.push(first, second)
    one.push(second, third)
    look = one._look

    def fails(event, asker):
        if event.after == second:
            raise ZeroDivisionError
        look(event, asker)

    monkeypatch.setattr(one, "_look", fails)
    assert (one.round(), one.claude.waiting.count()) == (Round(sent=1), 2)


def test_nothing_is_sent_twice_while_a_batch_is_under_way(world):
    one = world()
    pushed(one)
    one.round()
    one.now += timedelta(hours=3)
    assert one.round() == Round()
    assert len(one.batches.sent) == 1


def test_a_redelivery_while_a_batch_is_under_way_is_answered_by_rules(world):
    one = world()
    record = pushed(one)
    one.round()
    (again,) = one.push(record.before, record.after)
    assert again.receipt.claude.because == "it is asked in a batch"


def test_a_crash_before_sending_costs_nothing_and_loses_nothing(world):
    def dies():
        raise KeyboardInterrupt

    one = world()
    pushed(one)
    one.batches.before_sending = dies
    with pytest.raises(KeyboardInterrupt):
        one.round()
    one.batches.before_sending = lambda: None
    one.now += timedelta(minutes=1)
    assert one.round() == Round(), "it may still be on its way"
    one.now += timedelta(minutes=11)
    assert one.round() == Round(sent=1)
    one.batches.end()
    assert one.round().again == 1


def test_a_crash_just_after_sending_finds_its_batch_again(world):
    def dies():
        raise KeyboardInterrupt

    one = world()
    pushed(one)
    one.batches.after_sending = dies
    with pytest.raises(KeyboardInterrupt):
        one.round()
    one.batches.after_sending = lambda: None
    one.now += timedelta(minutes=30)
    assert one.round() == Round(), "a batch that is not done may be ours"
    one.batches.end()
    assert one.round() == Round(taken=1, again=1)
    assert len(one.batches.sent) == 1
    (record,) = one.take(one.again[0])
    assert record.receipt.claude.calls == 1


def test_an_unknown_outcome_of_sending_is_looked_for_and_not_sent_again(world):
    def lost():
        raise OutcomeUnknown("the connection was lost")

    one = world()
    pushed(one)
    one.batches.after_sending = lost
    assert one.round() == Round()
    one.batches.end()
    one.now += timedelta(minutes=30)
    assert one.round() == Round(taken=1, again=1)
    assert len(one.batches.sent) == 1


def test_a_crash_between_telling_and_forgetting_tells_again(world):
    def dies():
        raise KeyboardInterrupt

    one = world()
    pushed(one)
    one.round()
    one.batches.end()
    one.crash = dies
    with pytest.raises(KeyboardInterrupt):
        one.round()
    one.crash = lambda: None
    assert one.round() == Round(taken=1, again=1)
    assert len({event.id for event in one.again}) == 1


def test_while_the_service_refuses_batches_everything_waits(world):
    def refuses():
        raise Unavailable("Claude is overloaded")

    one = world()
    pushed(one)
    one.batches.before_sending = refuses
    assert one.round() == Round()
    one.batches.before_sending = lambda: None
    one.now += timedelta(minutes=11)
    assert one.round() == Round(sent=1)


@pytest.mark.parametrize(
    ("answer", "waits"),
    [
        (NotAnswered("the batch expired before its turn came"), True),
        (NotAnswered("Claude refused it in a batch", for_good=True), False),
        (answered({}, stop="refused"), False),
    ],
    ids=["expired", "refused for good", "refused"],
)
def test_what_a_batch_did_not_answer_waits_again_unless_it_never_will(world, answer, waits):
    one = world()
    pushed(one)
    one.round()
    one.batches.answer = lambda request: answer
    one.batches.end()
    one.round()
    one.take(one.again[0])
    assert one.claude.waiting.count() == (1 if waits else 0)
    one.now += timedelta(minutes=11)
    assert one.round().sent == (1 if waits else 0)


def test_what_was_listed_again_meanwhile_is_looked_at_again(world):
    one = world()
    record = pushed(one)
    one.round()
    one.now += timedelta(minutes=1)
    one.push(record.before, record.after)  # a redelivery lists it once more
    one.batches.end()
    assert one.round() == Round(taken=1, again=2)
    assert one.claude.waiting.count() == 0


def test_batches_keep_to_the_budget_of_the_day(world):
    one = world(organisation=parse(Organisation, b"claude: {calls_per_day: 2, calls_per_repository: 2}"))
    shas = one.has([{f"src/file{n}.py": f"value_{n} = {n}\n"} for n in range(5)])
    one.pushes(shas)
    assert one.round() == Round(sent=2)
    one.now += timedelta(minutes=11)
    assert one.round() == Round()
    one.now += timedelta(days=1)
    one.batches.end()
    assert one.round() == Round(taken=1, sent=2, again=2)


def test_what_cannot_be_read_now_stays_on_the_list(world):
    one = world()
    gone = pushed_commits("a" * 40, "b" * 40)
    one.claude.waiting.add(gone, "it met an outage", now=one.now)
    one.has([{"README.md": "x\n"}])
    assert one.round() == Round()
    assert one.claude.waiting.count() == 1


def test_what_people_no_longer_let_claude_read_is_settled_without_it(world):
    one = world()
    pushed(one)
    one.organisation = parse(Organisation, b"claude: {default: false}")
    assert one.round() == Round(again=1)
    (record,) = one.take(one.again[0])
    assert "devnexus.yaml" in record.receipt.claude.because
    assert (one.batches.sent, one.claude.waiting.count()) == ({}, 0)


def test_of_two_processes_one_sends(world):
    one, other = world(), world()
    pushed(one)
    assert one.round() == Round(sent=1)
    assert other.round() == Round()
    assert other.batches.sent == {}


def test_what_nobody_knows_the_answer_of_is_asked_once_more_in_a_batch(world):
    def lost(request):
        raise OutcomeUnknown("the connection was lost")

    one = world(model=ScriptedClaude(lost))
    pushed(one)
    assert one.round() == Round(), "it may yet be answered"
    one.now += timedelta(minutes=11)
    assert one.round() == Round(sent=1)
    (batch,) = one.claude.waiting.under_way()
    assert all(call.in_batch for call in batch.calls)
    one.batches.end()
    one.round()
    (record,) = one.take(one.again[0])
    assert (record.receipt.claude.outcome, record.receipt.claude.calls) == ("read", 1)


def test_a_batch_that_took_long_to_put_together_is_not_given_up_while_it_is_sent(world):
    one, other = world(), world()
    pushed(one)

    def slow(event, asker, look=one._look):
        one.now += timedelta(minutes=15)
        look(event, asker)

    def meanwhile():
        other.now = one.now + timedelta(minutes=1)
        assert other.round() == Round()

    one._look, one.batches.before_sending = slow, meanwhile
    assert one.round() == Round(sent=1)
    assert [batch.batch for batch in one.claude.waiting.under_way()] == ["batch_0"]


def test_whoever_takes_a_batch_late_gives_nothing_of_the_next_one_back(world):
    one, other = world(), world()
    pushed(one)
    one.round()
    one.batches.answer = lambda request: NotAnswered("the batch expired before its turn came")
    one.batches.end()
    other.batches = one.batches

    def meanwhile():
        other.crash = lambda: None
        one.round()  # is done with the batch
        one.take(one.again[0])
        one.now += timedelta(minutes=11)
        assert one.round() == Round(sent=1)

    other.crash = meanwhile
    other.round()
    (batch,) = one.claude.waiting.under_way()
    assert len(batch.calls) == 1


def test_a_batch_with_a_bug_holds_up_no_other(world):
    one = world()
    pushed(one)
    one.round()
    one.batches.end()
    one.batches.answer = lambda request: 1 / 0
    shas = one.has([{"README.md": "y\n"}, {"src/other.py": f"{BREAKER}x = 1\n"}], name="acme/web")
    one.push(*shas, repository=repository("acme/web", 2))
    assert one.round() == Round(sent=1)


def test_an_answer_is_kept_for_the_brief_that_asked_for_it(world, monkeypatch):
    """A process of another version may take it."""
    one = world()
    record = pushed(one)
    one.round()
    one.batches.end()
    monkeypatch.setattr("extractor.claude.brief.PROMPT_VERSION", 99)
    one.round()
    (call,) = [one.claude.calls.asked(record.record_id)]
    known = [one.claude.calls.known("github.com/1", f"claude:{MODELS.live}:{n}", list(call)) for n in (1, 99)]
    assert [len(some) for some in known] == [1, 0]
