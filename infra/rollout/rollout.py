"""The rollout itself: all revisions without traffic, all tests, then traffic; or everything as it was."""

import shlex
import time
from collections.abc import Callable, Iterable, Mapping, Sequence

from rollout.cloud_run import CloudRun, Version, giving
from rollout.described import Described
from rollout.errors import Failed
from rollout.parts import Kind, Target
from rollout.smoke import Smoke

Say = Callable[[str], None]

_PAUSES = (0, 1, 3)
"""Seconds before each attempt to go back: what was on its way when the run ended may still be."""


class NotRolledBack(Exception):
    """The new version does not serve, and not everything that served before does again."""


class Rollout:
    """Brings one version to all targets, which come in the order in which they get traffic."""

    def __init__(
        self, targets: Sequence[Target], version: Version, *, cloud: CloudRun, smoke: Smoke, say: Say
    ) -> None:
        self._targets = targets
        self._version = version
        self._cloud = cloud
        self._smoke = smoke
        self._say = say

    def run(self, *, public_url: str | None = None, anew: bool = False) -> None:
        """Return when the version serves everywhere; raise what prevented it, with everything as it was.

        Raises NotRolledBack where that could not be done. Run again it changes only what does not serve yet,
        with `anew` everything. `public_url`: the load balancer's, where there is one.
        """
        before = {target: self._cloud.look(target) for target in self._targets}
        images = {target: self._cloud.image(self._version, target.part) for target in self._targets}
        for target, state in before.items():
            self._say(f"now: {target} {_shares(state.shares)}")
        waiting = [one for one in self._targets if anew or not before[one].serves_alone(images[one])]
        touched: list[Target] = []
        try:
            for target in waiting:
                touched.append(target)
                self._prepare(target, images[target])
            for target in waiting:
                self._promote(target, before[target])
            if public_url:
                self._smoke.load_balancer(public_url)
        except BaseException as problem:
            self._say(f"FAILED: {problem or repr(problem)}")
            self._roll_back(touched, before)
            raise
        self._say(
            f"DONE: {self._version.name} serves; changed: {_names(waiting) or 'nothing, it did already'}"
        )

    def _prepare(self, target: Target, image: str) -> None:
        """The new revision, tested as far as it can be without traffic."""
        revision = self._version.revision(target.part)
        self._say(f"{target}: {revision} is deployed, without traffic")
        self._cloud.deploy(target, image, self._version)
        if target.part.kind is Kind.WORKER_POOL:
            return  # without an instance it has nothing to show
        now = self._cloud.look(target)
        if now.ready != revision:
            raise Failed(f"{target}: Cloud Run does not find {revision} ready")
        if now.reached_by_all:
            self._smoke.service(target.part, self._tagged(target, now))
        self._say(f"{target}: {_tested(now)}")

    def _promote(self, target: Target, before: Described) -> None:
        """Traffic, and the same tests where everybody comes in."""
        revision = self._version.revision(target.part)
        now = self._cloud.look(target)
        if now.shares != before.shares:
            raise Failed(f"{target}: somebody else moved traffic meanwhile, to {_shares(now.shares)}")
        self._cloud.give(target, {revision: 100}, untag=self._tags(now))
        if target.part.kind is Kind.WORKER_POOL:
            self._smoke.worker(revision)
        elif now.reached_by_all:
            self._smoke.service(target.part, now.url)
        self._say(f"{target}: {revision} serves")

    def _tagged(self, target: Target, now: Described) -> str:
        if url := now.tags.get(self._version.tag):
            return url
        raise Failed(f"{target}: no address with the tag {self._version.tag}")

    def _roll_back(self, touched: Sequence[Target], before: Mapping[Target, Described]) -> None:
        """Producers first. What somebody else gave traffic to is left to them."""
        left = [target for target in reversed(touched) if not self._restored(target, before[target])]
        if left:
            commands = "\n  ".join(
                shlex.join(["gcloud", *giving(target, before[target].shares)]) for target in left
            )
            raise NotRolledBack(f"NOT ROLLED BACK: {_names(left)}. By hand:\n  {commands}")
        self._say(f"ROLLED BACK: nothing of this run serves; it had touched {_names(touched) or 'nothing'}")

    def _restored(self, target: Target, before: Described) -> bool:
        problem: Failed | None = None
        for pause in _PAUSES:
            time.sleep(pause)
            try:
                self._restore(target, before)
                return True
            except Failed as error:
                problem = error
        self._say(f"{target}: cannot be rolled back: {problem}")
        return False

    def _restore(self, target: Target, before: Described) -> None:
        now = self._cloud.look(target)
        others = now.shares.keys() - before.shares.keys() - {self._version.revision(target.part)}
        if others:
            self._say(
                f"{target}: left alone, since somebody else gave traffic to {', '.join(sorted(others))}"
            )
            return
        # Even where nothing was moved: what followed the latest revision would follow it to this one.
        try:
            self._cloud.give(target, before.shares, untag=self._tags(now))
        except Failed as problem:
            # Also said where all went well, but the newest revision is one that cannot start.
            now = self._cloud.look(target)
            if now.shares != before.shares or self._tags(now):
                raise
            self._say(f"{target}: {problem}")
        self._say(f"{target}: back to {_shares(before.shares)}")

    def _tags(self, now: Described) -> list[str]:
        return [self._version.tag] if self._version.tag in now.tags else []


def _tested(now: Described) -> str:
    if now.reached_by_all:
        return "passes its tests"
    return "Cloud Run found it healthy; from here its own address does not answer"


def _shares(shares: Mapping[str, int]) -> str:
    return ", ".join(f"{revision} {percent} %" for revision, percent in sorted(shares.items()))


def _names(targets: Iterable[Target]) -> str:
    return ", ".join(str(target) for target in targets)
