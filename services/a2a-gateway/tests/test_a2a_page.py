"""docs/a2a.md: its examples are run, in its order, and answer what it says."""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from builders import known
from fakes.repository_files import FakeFiles
from served import served
from starlette.middleware import Middleware

from a2a_gateway.callers.access import KnownCallers
from a2a_gateway.callers.api_keys import read_api_keys
from a2a_gateway.callers.callers import Callers
from a2a_gateway.callers.members import Members
from a2a_gateway.callers.open_routes import CARDS, open_to
from devnexus.secrets import Secret

PAGE = (Path(__file__).parents[3] / "docs/a2a.md").read_text()
ANYTHING = "…"
KEY = "k" * 32
NAMES = ("acme/api", "acme/billing")
END = "--- the example ends ---"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def examples():
    """Each piece of code with what follows it: language, code, kind of answer, answer."""
    blocks = [(found[1], found[2]) for found in BLOCK.finditer(PAGE)]
    for (language, code), (kind, answer) in zip(blocks, [*blocks[1:], ("", "")], strict=True):
        if language in {"sh", "python"}:
            yield (language, code, kind, answer) if kind in {"json", "text"} else (language, code, "", "")


class TakingTime(FakeFiles):
    """Files that come as slowly as over a network."""

    def read(self, *asked):
        time.sleep(0.7)
        return super().read(*asked)


class KeepsNothing(dict):
    """Results that are found out each time."""

    def keep(self, key, result):
        """Forget it."""


@pytest.fixture
def address(make_world):
    """That of a gateway which one robot may write to, and nobody else come in."""
    keys = read_api_keys(Secret(f"robot={KEY}".encode()))
    callers = Callers(None, Members(writers=frozenset({"robot"})), keys)
    in_front = Middleware(KnownCallers, callers=callers, open_to=open_to(CARDS))
    files = TakingTime({"acme/api": {"README.md": "# API\n\nWhat it is.\n"}})
    world = make_world(in_front=[in_front], files=files, results=KeepsNothing())
    world.put(*(known(name, number, patterns=["retry-backoff"]) for number, name in enumerate(NAMES, 1)))
    with served(world.client.app) as url:
        yield url


def test_the_examples_answer_what_the_page_says(address, tmp_path):
    if not shutil.which("curl"):
        pytest.skip("the page's examples need curl")
    (tmp_path / "key.txt").write_text(KEY)
    for (_, code, kind, wanted), said in zip(examples(), run(address, tmp_path), strict=True):
        wanted = wanted.replace("https://nexus.example.com", address)
        problem = {"json": differs, "text": reads_otherwise, "": lambda *_: ""}[kind](wanted, said)
        assert not problem, f"{problem}\n\n{code}\n{said}"


def run(address, folder):
    """What each example printed: those of the shell share one, as on somebody's screen."""
    script = "\n".join(
        f"{as_shell(language, code)}\necho; echo '{END}'" for language, code, _, _ in examples()
    )
    environment = {**os.environ, "KEY": KEY, "AUTH": f"X-API-Key: {KEY}"}
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    done = subprocess.run(
        ["bash", "-eu"],
        input=script.replace("https://nexus.example.com", address),
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.returncode, done.stdout.count(END)) == (0, len([*examples()])), done.stderr
    return done.stdout.split(END)[:-1]


def as_shell(language, code):
    return code if language == "sh" else f"python - <<'PYTHON'\n{code}\nPYTHON"


def differs(wanted, said):
    """Where what was said is not as wanted; fields may be left out of what is wanted."""
    return _differs(json.loads(wanted), json.loads(said), "")


def _differs(wanted, said, where):
    match wanted:
        case dict() if isinstance(said, dict):
            return next(
                (
                    problem
                    for name in wanted
                    if (problem := _differs(wanted[name], said.get(name), f"{where}.{name}"))
                ),
                "",
            )
        case list() if isinstance(said, list):
            pairs = [*zip(wanted, said, strict=False)]
            found = (_differs(*pair, f"{where}[{number}]") for number, pair in enumerate(pairs))
            short = "" if len(said) >= len(wanted) else f"{where} is shorter"
            return short or next(filter(None, found), "")
        case str() if ANYTHING in wanted:
            return "" if wanted == ANYTHING and said is not None else reads_otherwise(wanted, said)
    return "" if wanted == said else f"{where} is {said!r}, not {wanted!r}"


def reads_otherwise(wanted, said):
    """That the text is another one, but for its spaces."""
    wanted, said = re.sub(r"\s+", "", wanted), re.sub(r"\s+", "", str(said))
    pattern = ".*".join(re.escape(part) for part in wanted.split(ANYTHING))
    return "" if re.fullmatch(pattern, said, re.DOTALL) else f"is not {wanted}"
