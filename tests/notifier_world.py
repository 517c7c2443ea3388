"""Notifiers as real processes on a real database, and the webhooks that their routes name."""

import base64
import json
import sys
import time
from collections import Counter
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from fakes.webhook_target import WebhookTarget
from sqlalchemy import delete, func, select, update

from devnexus.codec import encode
from devnexus.state import create_tables, open_state, transaction
from devnexus_cli.ports import free_port
from devnexus_cli.processes import Child, end_all
from devnexus_cli.stack import COMMANDS
from notifier.sql_deliveries import SqlDeliveries
from notifier.sql_tables import DELIVERIES, FAILING, PACED, TABLES

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
AT_ONCE = 8
"""Threads of one notifier."""


class Notifier:
    """One process with the command of its image."""

    def __init__(self, folder, environment):
        self.port = free_port()
        self.log = folder / f"notifier-{self.port}.log"
        environment = {**environment, "HOST": "127.0.0.1", "PORT": str(self.port), "GUNICORN_CMD_ARGS": ""}
        self.process = Child("notifier", COMMANDS["notifier"], environment=environment, log=self.log)

    def wait(self):
        self.process.wait_until(lambda: self.ask("GET", "/health") == 200, seconds=30)
        return self

    def ask(self, method, path, body=None):
        """The status, or None where there is no answer."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body=body, headers={"Content-Type": "application/json"})
            return connection.getresponse().status
        except (OSError, HTTPException):
            return None
        finally:
            connection.close()

    def push(self, event, subscription="notifier-deliveries"):
        """Whether Pub/Sub would take the event for handled."""
        data, attributes = encode(event, source="/test")
        message = {"data": base64.b64encode(data).decode(), "attributes": attributes, "messageId": "1"}
        envelope = {"message": message, "subscription": f"projects/p/subscriptions/{subscription}"}
        return self.ask("POST", "/events", json.dumps(envelope)) == 204


class NotifierWorld:
    """Notifiers on one database, and the targets that their routes name."""

    def __init__(self, folder, database_url, stack):
        self._folder, self._stack = folder, stack
        self.notifiers, self.delivering = [], []
        self.targets = {name: stack.enter_context(WebhookTarget()) for name in ("team", "audit", "ops")}
        routes = {
            "targets": {
                name: {"channel": "webhook", "url": target.url, "secret": "HOOK"}
                for name, target in self.targets.items()
            },
            "routes": [{"to": [*self.targets]}],
        }
        (folder / "routes.yaml").write_text(json.dumps(routes))
        self.environment = {
            "GOOGLE_CLOUD_PROJECT": "p",
            "PUBSUB_EMULATOR_HOST": "127.0.0.1:1",
            "DATABASE_URL": database_url,
            "ROUTES_FILE": str(folder / "routes.yaml"),
            "ALLOW_PRIVATE_TARGETS": "true",
            "HOOK": SECRET,
        }
        self.engine = open_state(database_url)
        stack.callback(self.engine.dispose)

    def end(self):
        """End every process."""
        end_all([*(notifier.process for notifier in self.notifiers), *self.delivering])

    def start(self, **environment):
        notifier = Notifier(self._folder, {**self.environment, **environment})
        self.notifiers.append(notifier)
        return notifier

    def deliver(self, *, pace=0.0, digests=False):
        """A process that only delivers, to channels of that kind."""
        environment = {
            **self.environment,
            "PACE_SECONDS": str(pace),
            "DIGESTS": str(digests).lower(),
            "PYTHONPATH": str(Path(__file__).parent),
        }
        command = (sys.executable, "-m", "delivering")
        log = self._folder / f"delivering-{len(self.delivering)}.log"
        self.delivering.append(Child("delivering", command, environment=environment, log=log))
        return self.delivering[-1]

    def record(self, requests):
        """Deliveries that an earlier notifier left behind."""
        create_tables(self.engine, TABLES)
        store = SqlDeliveries(self.engine)
        for request in requests:
            store.record(request, now=time.time())

    def let_claims_expire(self):
        """As if the time that a claim lasts had passed."""
        with transaction(self.engine) as connection:
            connection.execute(delete(PACED))
            held = update(DELIVERIES).where(DELIVERIES.c.claimed_until.is_not(None))
            return connection.execute(held.values(claimed_until=0.0)).rowcount

    def let_retries_be_due(self):
        """As if everything that waits for its next attempt, or its target to cool down, had waited enough."""
        with transaction(self.engine) as connection:
            connection.execute(delete(FAILING))
            idle = update(DELIVERIES).where(
                DELIVERIES.c.state == "waiting", DELIVERIES.c.claimed_until.is_(None)
            )
            connection.execute(idle.values(due_at=0.0))

    def rows(self):
        with transaction(self.engine) as connection:
            return connection.execute(select(DELIVERIES)).all()

    def states(self):
        """How many deliveries are in which state."""
        return Counter(row.state for row in self.rows())

    def wait_until_all_are_delivered(self, count, seconds=30):
        until = time.monotonic() + seconds
        while (states := self.states()) != {"delivered": count}:
            assert time.monotonic() < until, states
            time.sleep(0.02)

    def unclear(self):
        with transaction(self.engine) as connection:
            return connection.scalar(select(func.sum(DELIVERIES.c.unclear)))

    def ids(self):
        return Counter(id_ for target in self.targets.values() for id_ in target.ids())
