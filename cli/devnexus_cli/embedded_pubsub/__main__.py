"""The embedded Pub/Sub as a process: `python -m devnexus_cli.embedded_pubsub --port 8085`."""

import argparse
import signal
import sys
import threading

from devnexus_cli.embedded_pubsub.server import EmbeddedPubSub


def main() -> int:
    """Serve until SIGTERM or SIGINT; say in one line when ready, or why not."""
    arguments = _parser().parse_args()
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    server = EmbeddedPubSub(arguments.port, host=arguments.host)
    try:
        server.start()
    except OSError as error:
        print(f"cannot listen on {server.endpoint}: {error.strerror}", file=sys.stderr)
        return 1
    print(f"Pub/Sub is ready on {server.endpoint}", flush=True)
    ended.wait()
    server.stop()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="embedded_pubsub", description=__doc__)
    parser.add_argument("--port", type=int, default=8085, help="0 takes a free one")
    parser.add_argument("--host", default="127.0.0.1")
    return parser


if __name__ == "__main__":
    sys.exit(main())
