"""`python -m delivering`: deliveries to webhooks that are paced by PACE_SECONDS and told DIGESTS or not.

The rest of the environment is a notifier's. Stands for channels that people read, which need their vendor.
"""

import os
from dataclasses import replace
from pathlib import Path

from devnexus import logs
from devnexus.state import create_tables, open_state
from notifier.channel import Surroundings
from notifier.channels import webhook
from notifier.deliveries import Deliveries
from notifier.routes import open_channels, read_routes
from notifier.sql_deliveries import SqlDeliveries
from notifier.sql_tables import TABLES
from notifier.ticking import start_ticking, stopped_by_sigterm


def main() -> None:
    """Deliver until the process is asked to end."""
    logs.configure("delivering")
    kind = replace(
        webhook.CHANNEL,
        pace_seconds=float(os.environ["PACE_SECONDS"]),
        digests=os.environ["DIGESTS"] == "true",
    )
    file = read_routes(Path(os.environ["ROUTES_FILE"]), {"webhook": kind})
    surroundings = Surroundings(os.environ, allow_private_targets=True)
    channels = open_channels(file, {"webhook": kind}, surroundings)
    engine = open_state(os.environ["DATABASE_URL"])
    create_tables(engine, TABLES)
    stop = stopped_by_sigterm()
    store = SqlDeliveries(engine)
    deliveries = Deliveries(store=store, channels=channels, kinds=dict.fromkeys(channels, kind), stop=stop)
    ticking = start_ticking(deliveries.deliver_due, stop)
    while ticking.is_alive():
        ticking.join(0.1)  # between two of these the signal is taken


if __name__ == "__main__":
    main()
