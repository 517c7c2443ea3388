"""`python -m a2a_conformance.agent`: the gateway over a small knowledge base, as the kit wants its agents."""

import json
import logging
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import uvicorn
from builders import known
from fakes.gateway import DirectWriting, InlineTasks, world_of
from fakes.issuer import AUDIENCE, GOOGLE, key_set, token
from fakes.knowledge import make_store, put
from starlette.applications import Starlette
from starlette.middleware import Middleware

from a2a_conformance.scenarios import ScenarioExecutor
from a2a_gateway.application import make_application
from a2a_gateway.callers.access import KnownCallers
from a2a_gateway.callers.caller import LOCAL
from a2a_gateway.callers.callers import Callers
from a2a_gateway.callers.members import Members
from a2a_gateway.described.card import Home
from a2a_gateway.ending import ending
from a2a_gateway.knowledge.read_model import ReadModel
from a2a_gateway.limits import WholeBodies
from a2a_gateway.perform import Performer
from a2a_gateway.protocol.card import Declared
from a2a_gateway.protocol.push import PushSender
from a2a_gateway.protocol.push_post import Post
from a2a_gateway.protocol.serving import speak
from a2a_gateway.protocol.stores import in_memory
from a2a_gateway.registry import load_skills
from devnexus.identity.issuer_keys import FixedKeys
from devnexus.identity.key_set import read_key_set
from devnexus.identity.tokens import Tokens

CALLER = "conformance@example.com"
PROFILES = {
    "all": Declared(),
    "none": Declared(streaming=False, push=False, extended=False),
}
"""By name, what the agent's card declares."""


@click.command()
@click.option("--port", default=0, help="Of 127.0.0.1; 0: any that is free.")
@click.option("--capabilities", type=click.Choice(list(PROFILES)), default="all", show_default=True)
def main(port: int, capabilities: str) -> None:
    """Serve until a signal; the first line of output says where, and who may see the extended card."""
    logging.basicConfig(level=logging.WARNING)
    logging.getLogger("a2a").setLevel(
        logging.CRITICAL
    )  # it tells of every refusal, and the kit asks for many
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", port)) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        click.echo(json.dumps({"url": url, "token": token(CALLER)}))
        with agent(Path(folder), url, PROFILES[capabilities]) as app:
            uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[listening])


@contextmanager
def agent(folder: Path, url: str, declared: Declared) -> Iterator[Starlette]:
    """The gateway's own application: only its executor has the kit's scenarios before the skills."""
    store = make_store(folder / "knowledge.git")
    put(store, [known("acme/api", 1, patterns=["retry-backoff"], packages=["httpx"])])
    model, writing, home = ReadModel(store), DirectWriting(store), Home("knowledge.git", url, is_open=True)
    performer = Performer(
        skills=load_skills(), model=model, writing=writing, tasks=InlineTasks(), world=world_of(writing)
    )
    stores = in_memory()
    protocol = speak(
        performer,
        home,
        stores,
        sender=PushSender(stores.push_configs, post=Post(allow_private=True)),
        declared=declared,
        executor=ScenarioExecutor,
        may_be_told=_anybody,
    )
    yield make_application(
        performer=performer,
        home=home,
        in_front=[Middleware(KnownCallers, callers=_callers()), Middleware(WholeBodies)],
        anonymous=LOCAL,
        protocol=protocol.routes,
        lifespan=ending(begin=[protocol.begin], hurry=[protocol.hurry], end=[protocol.end], close=[]),
    )
    model.end()
    store.close()


def _callers() -> Callers:
    """Anybody, and whoever has the token."""
    keys = FixedKeys(read_key_set(json.dumps(key_set("a")).encode()))
    members = Members(readers=frozenset({CALLER}))
    return Callers(LOCAL, members, tokens=Tokens({GOOGLE: keys}, audiences=[AUDIENCE]))


async def _anybody(url: str) -> bool:
    """The kit's own receiver is on this machine."""
    return True


if __name__ == "__main__":
    main()
