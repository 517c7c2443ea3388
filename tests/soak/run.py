"""One run: load and faults for so long, then quiet, then the table."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import click
import requests

from devnexus_cli.stack import COMMANDS
from soak.calls import Agents
from soak.chance import Chance
from soak.keeper import Keeper
from soak.load import Load
from soak.looking import look
from soak.memory import Scales, growth
from soak.plan import planned
from soak.player import Player
from soak.reckoning import Line, reckon
from soak.time_passes import as_if_time_had_passed, waiting
from soak.webhooks import Outbox
from soak.world import World

_PROGRESS_SECONDS = 10.0
_CALM_SECONDS = 4.0
"""Nothing may be on its way for so long before all is over."""

_STUCK_SECONDS = 90.0
"""Nothing has arrived anywhere for so long: it never will."""

_REANALYSE_SECONDS = 10.0


@dataclass(frozen=True)
class Done:
    """What became of a run."""

    lines: list[Line]
    faults: Mapping[str, float]
    """Fault → for how many seconds it was on."""
    kills: Mapping[str, int]
    load_seconds: float
    drain_seconds: float
    was_interrupted: bool


class Run:
    """One run on a world that is there."""

    def __init__(self, world: World, chance: Chance, *, seconds: float) -> None:
        self._world, self._seconds = world, seconds
        stack, ledger = world.stack, world.ledger
        plan = planned(chance("plan"), seconds, faults=list(world.faults), services=list(COMMANDS))
        self._player = Player(world.faults, plan.troubles, after=self._after)
        self._keeper = Keeper(stack, plan.kills, excuse=self._player.excuse)
        self._outbox = Outbox(stack.webhook_port, ledger, chance("webhooks"))
        self._load = Load(
            stack=stack,
            organisation=world.organisation,
            outbox=self._outbox,
            pubsub=world.pubsub,
            ledger=ledger,
            random=chance("load"),
        )
        self._agents = Agents(stack, ledger, chance, repositories=world.organisation.names)
        self._scales = Scales(stack.pids)
        self._began = time.monotonic()
        self._reanalyse_at = 0.0
        self._progress_at = 0.0

    @property
    def _database(self) -> Path:
        return self._world.stack.home / "state.db"

    def run(self) -> Done:
        """All of it; Ctrl-C ends it early, and what is there by then is reckoned up."""
        threading.excepthook = self._note_own_fault
        self._began = time.monotonic()
        load_seconds = drain_seconds = 0.0
        was_interrupted = False
        parts = (self._outbox, self._load, self._agents, self._scales, self._player, self._keeper)
        try:
            for part in parts:
                part.start()
            self._go_on(self._seconds)
            load_seconds = time.monotonic() - self._began
            self._calm_down()
            self._drain()
            drain_seconds = time.monotonic() - self._began - load_seconds
        except KeyboardInterrupt:
            was_interrupted = True
            click.echo("\nInterrupted: ending the services; what is on its way is not waited for.")
        undelivered = self._end()
        return Done(
            lines=self._lines(undelivered),
            faults=dict(self._player.seconds),
            kills=dict(self._keeper.killed),
            load_seconds=load_seconds or time.monotonic() - self._began,
            drain_seconds=drain_seconds,
            was_interrupted=was_interrupted,
        )

    def _note_own_fault(self, hook: threading.ExceptHookArgs) -> None:
        """A thread of the soak that fails must not look like a run without a fault."""
        name = hook.thread.name if hook.thread else "thread"
        self._world.ledger.got_wrong(f"the soak's own {name}: {hook.exc_value!r}")

    def _go_on(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self._tick()
            time.sleep(0.2)

    def _tick(self) -> None:
        now = time.monotonic()
        if now >= self._reanalyse_at:
            self._reanalyse_at = now + _REANALYSE_SECONDS
            self._reanalyse()
        if now >= self._progress_at:
            self._progress_at = now + _PROGRESS_SECONDS
            click.echo(self._progress())

    def _progress(self) -> str:
        ledger = self._world.ledger
        received = sum(one.accepted > 0 for one in list(ledger.pushes.values()))
        lessons = sum(one.accepted > 0 for one in list(ledger.lessons.values()))
        on = ", ".join(sorted(self._player.on)) or "nothing"
        undelivered = self._world.pubsub.undelivered()
        longest = max(undelivered, key=lambda name: undelivered[name])
        return (
            f"{time.monotonic() - self._began:5.0f} s  {len(ledger.pushes)} pushes, {received} received; "
            f"{lessons} lessons; {sum(undelivered.values())} messages on their way, most to {longest}; "
            f"{sum(self._world.targets.took().values())} told; {sum(self._keeper.killed.values())} kills; "
            f"wrong now: {on}"
        )

    def _reanalyse(self) -> None:
        """As Scheduler does, each five minutes there."""
        address = self._world.stack.running.services["extractor"]
        try:
            requests.post(f"{address}/reanalyse", timeout=1)
        except requests.RequestException:
            return  # it is down, or takes longer than we wait

    def _after(self, fault: str) -> None:
        if fault.startswith("targets"):
            as_if_time_had_passed(self._database)

    def _calm_down(self) -> None:
        """No new load, no faults; all services run."""
        self._load.stop()
        self._agents.stop()
        self._keeper.kill_no_more()
        self._player.stop()

    def _drain(self) -> None:
        """Until nothing has been on its way for some seconds, or nothing moves any more."""
        calm_since = moved_at = time.monotonic()
        before: tuple[int, int] = (0, 0)
        while time.monotonic() - calm_since < _CALM_SECONDS:
            as_if_time_had_passed(self._database)
            self._tick()
            if self._is_busy():
                calm_since = time.monotonic()
            if (now := self._arrived()) != before:
                before, moved_at = now, time.monotonic()
            if time.monotonic() - moved_at > _STUCK_SECONDS and calm_since > moved_at:
                click.echo("It does not come to rest.")
                return
            time.sleep(0.5)

    def _arrived(self) -> tuple[int, int]:
        """What changes while anything moves: what is on its way, and what was told."""
        undelivered = sum(self._world.pubsub.undelivered().values())
        return undelivered, sum(self._world.targets.took().values())

    def _is_busy(self) -> bool:
        return bool(
            self._outbox.left()
            or self._world.ledger.unaccepted()
            or sum(self._world.pubsub.undelivered().values())
            or waiting(self._database)
        )

    def _end(self) -> Mapping[str, int]:
        """End all that runs; what was still on its way."""
        self._load.stop()
        self._player.stop()
        self._scales.stop()
        self._keeper.kill_no_more()
        self._keeper.stop()
        self._outbox.close()
        undelivered = self._world.pubsub.undelivered()
        self._agents.give_up()
        for service in list(self._world.stack.pids()):
            if (seconds := self._world.stack.end(service)) >= 10:
                self._keeper.slow_ends.append(f"{service} at the end ({seconds:.1f} s)")
        return undelivered

    def _lines(self, undelivered: Mapping[str, int]) -> list[Line]:
        store = self._world.stack.knowledge()
        try:
            found = look(
                store=store,
                broker=self._world.pubsub.broker,
                database=self._database,
                took=self._world.targets.took(),
                undelivered=undelivered,
                endings=self._keeper.endings,
                slow_ends=self._keeper.slow_ends,
                logs=self._world.logs,
            )
        finally:
            store.close()
        memory = {service: growth(self._scales.samples[service]) for service in COMMANDS}
        return reckon(self._world.ledger, found, memory)
