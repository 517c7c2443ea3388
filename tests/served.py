"""An ASGI application on a real socket of this machine, in a thread of this process."""

import time
from contextlib import contextmanager
from threading import Thread

import uvicorn


@contextmanager
def served(app):
    """Its address."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", timeout_graceful_shutdown=5))
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.005)
    (listening,) = (one.getsockname() for one in server.servers[0].sockets)
    try:
        yield f"http://127.0.0.1:{listening[1]}"
    finally:
        server.should_exit = True
        thread.join()
