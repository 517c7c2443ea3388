"""Tells of tasks whoever asked to be told: in order, again where that may help, and holding up none."""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from a2a.server.tasks import PushNotificationConfigStore, PushNotificationEvent, PushNotificationSender
from a2a.types.a2a_pb2 import TaskArtifactUpdateEvent, TaskPushNotificationConfig
from a2a.utils.proto_utils import to_stream_response

from a2a_gateway.protocol.caller_context import asker
from a2a_gateway.protocol.own_thread import in_own_thread
from a2a_gateway.protocol.push_backlog import Backlog, Key
from a2a_gateway.protocol.push_body import Body
from a2a_gateway.protocol.push_line import Line, Notification
from a2a_gateway.protocol.push_post import Post, Refusal
from devnexus.errors import Unavailable
from devnexus.outbound import is_public, web_address

_END_SECONDS = 2.0
"""At the end of the process, for what was not attempted yet."""

_FRESH_SECONDS = 0.5
"""So long after something happened its receivers are told by what was read of them then."""

_INSIDE = frozenset({"localhost", "localdomain", "local", "internal", "arpa"})
"""Names that end so lead into some network of its own, or nowhere."""

_log = logging.getLogger(__name__)


async def url_is_allowed(url: str) -> bool:
    """Whether a receiver may be at this address, as far as can be seen of it.

    Where its name leads is looked at each time something is told there: that may change.
    """
    try:
        host = web_address(url, allow_private=False).host
    except ValueError:
        return False
    with suppress(ValueError):
        return is_public(host)
    *parents, top = host.rstrip(".").split(".")
    return bool(parents) and top not in _INSIDE and not top[:1].isdigit()


class PushSender(PushNotificationSender):
    """Tells the receivers that `configs` knows of. For one event loop."""

    def __init__(self, configs: PushNotificationConfigStore, *, post: Post | None = None) -> None:
        self._configs = configs
        self._post = post or Post()
        self._backlog = Backlog()
        self._running: dict[asyncio.Task[None], Line] = {}
        self._is_ending = False

    async def send_notification(self, task_id: str, event: PushNotificationEvent) -> None:
        """Let all receivers of the task be told, some time after this returned."""
        if asker().speaks_old and isinstance(event, TaskArtifactUpdateEvent):
            return  # 0.3 tells of tasks, and is asked for what came out of them
        configs = await self._configs.get_info_for_dispatch(task_id)
        if configs:
            notification = Notification(to_stream_response(event), time.monotonic())
            for config in configs:
                self._line_up((task_id, config.id), config, notification)

    async def close(self) -> None:
        """Attempt what was not attempted yet, for two seconds, and say what is not told any more."""
        self._is_ending = True
        for task, line in self._running.items():
            if line.rests(time.monotonic()):
                task.cancel()
        if self._running:
            await asyncio.wait(self._running, timeout=_END_SECONDS)
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    def _line_up(self, key: Key, config: TaskPushNotificationConfig, notification: Notification) -> None:
        line = self._backlog.find(key) or Line(config, asker())
        if not self._backlog.has_room_for(notification, line):
            _log.warning("notification not taken, too many wait", extra={"task_id": key[0]})
            return
        line.add(notification)
        if self._backlog.open(key, line):
            task = asyncio.create_task(self._work_off(key, line))
            self._running[task] = line
            task.add_done_callback(self._running.pop)

    async def _work_off(self, key: Key, line: Line) -> None:
        try:
            while line.waiting and not (self._is_ending and line.rests(time.monotonic())):
                await self._tell_first(key, line)
        finally:
            self._backlog.close(key)
            if line.waiting:
                lost = {"task_id": key[0], "notifications": len(line.waiting)}
                _log.warning("notifications lost, since the process ends", extra=lost)

    async def _tell_first(self, key: Key, line: Line) -> None:
        await asyncio.sleep(line.quiet_until - time.monotonic())
        async with self._backlog.turn(line.asker.name):
            if not await self._is_wanted(key, line):
                line.waiting.clear()
                return
            began = time.monotonic()
            refusal = await in_own_thread(partial(_attempt, self._post, line.config, line.first()))
        duration_ms = round((time.monotonic() - began) * 1000)
        before = len(line.waiting)
        outcome = line.settle(refusal, time.monotonic())
        about = {"task_id": key[0], "outcome": outcome.value, "duration_ms": duration_ms}
        if refusal is None:
            _log.info("notification attempted", extra=about)
        else:
            lost = before - len(line.waiting)
            _log.warning(
                "notification attempted", extra={**about, "reason": refusal.reason, "given_up": lost}
            )

    async def _is_wanted(self, key: Key, line: Line) -> bool:
        """Whether the receiver still asks for it; what it asks may have changed, and holds from now on."""
        if time.monotonic() < line.waiting[0].at + _FRESH_SECONDS:
            return True
        task_id, config_id = key
        try:
            configs = await self._configs.get_info_for_dispatch(task_id)
        except Unavailable:  # what was read before holds
            return True
        asked = {config.id: config for config in configs}
        line.config = asked.get(config_id, line.config)
        return config_id in asked


def _attempt(post: Post, config: TaskPushNotificationConfig, body: Callable[[], Body]) -> Refusal | None:
    try:
        return post(config, body())
    except Exception as error:  # noqa: BLE001 - a bug with one must not end the others
        _log.exception("bug in telling a receiver")
        return Refusal(f"a bug: {type(error).__name__}", may_pass=False)
