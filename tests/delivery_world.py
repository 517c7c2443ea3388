"""Deliveries with the clock in the test's hand, to channels that fail as they are told."""

import threading

from sqlalchemy import select

from devnexus.state import create_tables, open_state, transaction
from notifier.deliveries import Deliveries
from notifier.sql_deliveries import SqlDeliveries
from notifier.sql_tables import DELIVERIES, TABLES


class Target:
    """A channel that fails as it is told, and remembers what it was sent."""

    def __init__(self):
        self.failures = []
        self.sent = []
        self.messages = []
        self.before = lambda: None

    def send(self, delivery_id, message, at):
        self.before()
        self.sent.append(delivery_id)
        if self.failures:
            raise self.failures.pop(0)
        self.messages.append(message)


class DeliveryWorld:
    """One operational store, notifiers on it, and the targets `team` and `audit`."""

    def __init__(self, database_url):
        self.now = 1_000_000.0
        self.team, self.audit = Target(), Target()
        self.channels = {"team": self.team, "audit": self.audit}
        self.kinds, self.stop = {}, threading.Event()
        self.engine = open_state(database_url)
        create_tables(self.engine, TABLES)
        self.store = SqlDeliveries(self.engine)
        self.deliveries = self.notifier()

    def notifier(self):
        return Deliveries(
            store=self.store, channels=self.channels, kinds=self.kinds, clock=lambda: self.now, stop=self.stop
        )

    def later(self, seconds):
        """Turn the clock and look once."""
        return self.round(seconds).attempts

    def round(self, seconds=0):
        self.now += seconds
        return self.deliveries.deliver_due()

    def row(self, request):
        with transaction(self.engine) as connection:
            query = select(DELIVERIES).where(DELIVERIES.c.id == request.id)
            return connection.execute(query).one()

    def rows(self):
        """All that there is, oldest first."""
        with transaction(self.engine) as connection:
            return connection.execute(select(DELIVERIES).order_by(DELIVERIES.c.created_at)).all()

    def close(self):
        self.engine.dispose()
