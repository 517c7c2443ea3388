"""The a2a-gateway: its whole composition, for gunicorn to call once per worker."""

import os
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from a2a_gateway.application import make_application
from a2a_gateway.callers.caller import Caller
from a2a_gateway.database_look import DatabaseLook
from a2a_gateway.described.card import Home
from a2a_gateway.ending import ending
from a2a_gateway.entrance import entrance
from a2a_gateway.files.github_access import github_files
from a2a_gateway.files.local import LocalFiles
from a2a_gateway.files.repository_files import RepositoryFiles
from a2a_gateway.files.sparing import SparingFiles
from a2a_gateway.files.wherever import FilesWherever
from a2a_gateway.knowledge.read_model import ReadModel
from a2a_gateway.limits import WholeBodies
from a2a_gateway.perform import Performer, WorldOf
from a2a_gateway.protocol.push import PushSender
from a2a_gateway.protocol.serving import speak
from a2a_gateway.protocol.stores import open_stores
from a2a_gateway.registry import load_skills
from a2a_gateway.settings import Settings
from a2a_gateway.tasks.pool import TaskPool
from a2a_gateway.tasks.sql_results import RESULT_TABLES, SqlResults
from a2a_gateway.tasks.sql_tasks import TASK_TABLES, SqlTasks
from a2a_gateway.traced import Traced
from a2a_gateway.world import Progress, Results, World, Writes
from a2a_gateway.writes.commit_watch import CommitWatch
from a2a_gateway.writes.published_writes import SOURCE, PublishedWrites
from a2a_gateway.writes.sql_writes import WRITE_TABLES, SqlWrites
from devnexus import tracing
from devnexus.agents import Agents, AgentSettings, open_agents
from devnexus.agents.looks import KEPT_SECONDS, Standing, standings
from devnexus.agents.sql_looks import TABLES as LOOK_TABLES
from devnexus.agents.sql_looks import SqlLooks
from devnexus.knowledge.stores import name_of, open_store
from devnexus.pubsub import PubSubPublisher
from devnexus.settings import read_settings
from devnexus.start import starting
from devnexus.state import create_tables, open_state

FilesFor = Callable[[Caller], RepositoryFiles]
"""What a caller may read of repositories."""


def create_app() -> Starlette:
    """The application; end the process, naming the reason, where a setting is missing."""
    with starting("a2a-gateway"):
        settings = read_settings(Settings, os.environ)
        store = open_store(settings.knowledge, os.environ)
        skills = load_skills()
        agents = open_agents(os.environ)
        engine = open_state(settings.database_url.value.decode())
        for tables in (WRITE_TABLES, LOOK_TABLES, TASK_TABLES, RESULT_TABLES):
            create_tables(engine, tables)
        in_front = _in_front(settings, os.environ)
        publisher = PubSubPublisher(project=settings.project, source=SOURCE)
        files = _files(settings)
    kept, commits = SqlWrites(engine), CommitWatch(store)
    writes = PublishedWrites(kept=kept, publisher=publisher, commits=commits)
    tasks = TaskPool(SqlTasks(engine))
    home = Home(
        knowledge=name_of(settings.knowledge),
        public_url=settings.public_url,
        is_open=settings.is_open,
        external_agents=_external_agents(),
        takes_tokens=settings.members.have_addresses,
        requests_per_minute=settings.requests_per_minute,
    )
    model = ReadModel(store)
    model.warm_up()
    model.keep_looking()
    performer = Performer(
        skills=skills,
        model=model,
        writing=writes,
        tasks=tasks,
        world=_world(agents, _standings(SqlLooks(engine)), files, SqlResults(engine), writes),
    )
    stores = open_stores(settings.database_url.value.decode(), writes)
    protocol = speak(performer, home, stores, sender=PushSender(stores.push_configs))
    return make_application(
        performer=performer,
        home=home,
        in_front=in_front,
        anonymous=settings.anonymous,
        database=DatabaseLook(kept.database_version),
        protocol=protocol.routes,
        lifespan=ending(
            begin=[protocol.begin],
            hurry=[protocol.hurry, commits.end, tasks.stop],
            end=[protocol.end],
            close=[
                *(model.end, tasks.close, publisher.close),
                *(store.close, engine.dispose, tracing.end),
            ],
        ),
    )


def _files(settings: Settings) -> FilesFor:
    """Clones where there are any, GitHub where there are credentials; not without end for just anybody."""
    local = LocalFiles(settings.repositories) if settings.repositories else None
    github = github_files(os.environ)
    theirs = FilesWherever(local=local, github=github)
    anybodys = FilesWherever(local=local, github=SparingFiles(github) if github else None)
    return lambda caller: theirs if caller.is_verified or caller.sees_all else anybodys


def _external_agents() -> dict[str, str | None]:
    """Where the agents are that this service works with, by the names that its card has for them."""
    where = read_settings(AgentSettings, os.environ)
    return {
        "dependency_orchestrator": where.orchestrator,
        "log_attacker": where.log_attacker,
        "pattern_miner": where.pattern_miner,
    }


def _standings(looks: SqlLooks) -> Callable[[], dict[str, Standing]]:
    """How each agent has been, as the notifier looked, where it looked into this very store."""

    def now() -> dict[str, Standing]:
        at = time.time()
        return dict(standings(looks.after(at - KEPT_SECONDS), now=at))

    return now


def _world(
    agents: Agents,
    standings: Callable[[], dict[str, Standing]],
    files: FilesFor,
    results: Results,
    writes: Writes,
) -> WorldOf:
    """What each call may ask besides the knowledge."""

    def world(caller: Caller, progress: Progress) -> World:
        return World(
            caller=caller,
            now=datetime.now(UTC),
            agents=agents,
            standings=standings,
            files=files(caller),
            results=results,
            writes=writes,
            progress=progress,
        )

    return world


def _in_front(settings: Settings, environment: Mapping[str, str]) -> list[Middleware]:
    names = settings.names
    named = [Middleware(TrustedHostMiddleware, allowed_hosts=names, www_redirect=False)] if names else []
    return [Middleware(Traced), *named, *entrance(settings, environment), Middleware(WholeBodies)]
