"""Tasks in threads of this instance: waited for a while, then told of by an id that any instance knows."""

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from http import HTTPStatus

from starlette.concurrency import run_in_threadpool

from a2a_gateway.answer import Answer, CannotAnswer
from a2a_gateway.callers.caller import Caller
from a2a_gateway.tasks.pooled import STOPPED, Pooled
from a2a_gateway.tasks.port import StillRunning, Task, TaskStore, Work
from a2a_gateway.tasks.queue import THREADS, TaskQueue
from a2a_gateway.watch import Watch
from devnexus.errors import Unavailable

WAIT_SECONDS = 25.0
"""For an answer, before the caller is told of the task instead: many clients give up after 30."""

_BEAT_SECONDS = 5.0
_RETRY_AFTER_SECONDS = 10
_FULL = "Too many tasks are waiting already. Try again in a while."
_UNTOLD = "It takes long, and where to ask for it later could not be kept. Send the call again in a while."

_log = logging.getLogger(__name__)


class TaskPool:
    """The Tasks of one instance."""

    def __init__(
        self, store: TaskStore, *, wait_seconds: float = WAIT_SECONDS, beat_seconds: float = _BEAT_SECONDS
    ) -> None:
        self._store = store
        self._wait_seconds = wait_seconds
        self._beat_seconds = beat_seconds
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="task")
        self._queue = TaskQueue[Pooled]()
        self._lock = threading.Lock()
        """Of the queue and of `_here`."""
        self._here: dict[str, Pooled] = {}
        """Those that have not ended, and those of which the store does not know yet how they did."""
        self._stopping = threading.Event()
        self._beating = threading.Thread(target=self._beat, name="task-beat", daemon=True)

    async def run(
        self, work: Work, *, caller: Caller, skill: str, watch: Watch | None = None
    ) -> Answer | StillRunning:
        """As promised by Tasks."""
        awake = asyncio.Event()
        task = Pooled(work, caller, skill)
        loop = asyncio.get_running_loop()
        task.wake = partial(loop.call_soon_threadsafe, awake.set)
        if watch:
            task.tell = lambda step: loop.call_soon_threadsafe(watch.doing, step)
        self._line_up(task)
        try:
            with suppress(TimeoutError):
                await asyncio.wait_for(awake.wait(), None if watch else self._wait_seconds)
            if not task.done.done() and self._stopping.is_set():
                raise _not_now(STOPPED)
            if not task.done.done() and await run_in_threadpool(self._tell, task):
                return StillRunning(task.id)
            return task.done.result()
        finally:
            task.wake, task.tell = _nobody_waits, _nobody_listens
            task.is_unwanted = task.is_unwanted or not task.is_told

    def find(self, task_id: str, caller: Caller) -> Task | None:
        """As promised by Tasks."""
        kept = self._store.find(task_id, caller)
        here = self._here.get(task_id)
        return here.as_task() if kept and here and not kept.outcome else kept

    def cancel(self, task_id: str, caller: Caller) -> Task | None:
        """As promised by Tasks."""
        task = self.find(task_id, caller)
        if task is None or task.outcome:
            return task
        self._store.give_up(task_id, caller)
        if here := self._here.get(task_id):
            here.is_unwanted = True
        return task

    def stop(self) -> None:
        """Take nothing on any more, and let nobody wait for what may not come; for the event loop."""
        self._stopping.set()
        for task in [*self._here.values()]:
            task.wake()

    def close(self) -> None:
        """End in order: of what does not end now it is noted that it did not. `stop` comes before."""
        left = [*self._here.values()]
        for task in left:
            task.is_unwanted = True
        self._threads.shutdown(wait=False, cancel_futures=True)
        try:
            self._store.end({task.id: task.outcome for task in left if task.is_told})
        except Unavailable as error:
            _log.warning("callers will learn only from the silence that tasks ended: %s", error)

    def _line_up(self, task: Pooled) -> None:
        with self._lock:
            if self._stopping.is_set():
                raise _not_now(STOPPED)
            if not self._queue.has_room_for(task.caller.name):
                raise _not_now(_FULL)
            self._queue.add(task.caller.name, task)
            self._here[task.id] = task
        self._start_what_may_run()

    def _start_what_may_run(self) -> None:
        while not self._stopping.is_set() and (task := self._next()):
            task.has_begun = True
            running = self._threads.submit(task.context.run, task.work, task.progress)
            running.add_done_callback(self._ending(task))

    def _next(self) -> Pooled | None:
        with self._lock:
            return self._queue.next()

    def _ending(self, task: Pooled) -> Callable[[Future[Answer]], None]:
        def ended(running: Future[Answer]) -> None:
            with self._lock:
                self._queue.done(task.caller.name)
            self._start_what_may_run()
            task.end(running)
            self._note_end(task)

        return ended

    def _tell(self, task: Pooled) -> bool:
        """Let any instance answer for the task from now on; false where it has ended meanwhile."""
        with task.lock:
            if task.done.done():
                return False
            try:
                self._store.begin(task.as_task(), task.caller)
            except Unavailable as error:
                _log.warning("a task is given up, since it cannot be kept: %s", error)
                raise _not_now(_UNTOLD) from error
            task.is_told = True
        with self._lock:
            if self._beating.ident is None:
                self._beating.start()
        return True

    def _note_end(self, task: Pooled) -> None:
        """Where that does not succeed it is tried again with the next beat."""
        with task.lock:
            if task.is_told:
                try:
                    self._store.end({task.id: task.outcome})
                except Unavailable as error:
                    _log.warning("how a task ended could not be kept yet: %s", error)
                    return
        self._here.pop(task.id, None)

    def _beat(self) -> None:
        while not self._stopping.wait(self._beat_seconds):
            told = [task for task in [*self._here.values()] if task.is_told]
            for task in told:
                if task.done.done():
                    self._note_end(task)
            going_on = {task.id: task for task in told if not task.done.done()}
            try:
                unwanted = self._store.beat({id_: task.step for id_, task in going_on.items()})
            except Unavailable as error:
                _log.warning("that tasks go on could not be noted: %s", error)
                continue
            for id_ in unwanted:
                going_on[id_].is_unwanted = True


def _nobody_waits() -> None:
    pass


def _nobody_listens(_: str) -> None:
    pass


def _not_now(error: str) -> CannotAnswer:
    again = {"retry_after_seconds": _RETRY_AFTER_SECONDS}
    return CannotAnswer(error, status=HTTPStatus.SERVICE_UNAVAILABLE, **again)
