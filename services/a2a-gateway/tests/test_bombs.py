"""A megabyte that is made to be slow holds nobody up: the event loop reads no more of it than it must."""

import threading
import time
from dataclasses import replace

import pytest
from lessons import ANA, TELL
from pydantic import model_validator

from a2a_gateway.answer import CannotAnswer
from a2a_gateway.kb.skills import KB_SKILLS
from a2a_gateway.registry import load_skills
from a2a_gateway.tasks import sql_tasks
from a2a_gateway.writes import sql_writes
from devnexus.state import open_state

SKILLS = {**load_skills(), **KB_SKILLS}
WRONG = [1] * 300_000
LESSON = {"repository": "acme/api", "category": "reliability", "lesson": "x"}
SIMILAR = {"repository": "acme/api", "pattern_type": "x", "similarity_score": 0.5}
BOMBS = {
    "actions": ("get_recent_actions", {"action_types": WRONG}),
    "tags": ("add_lesson_learned", {**LESSON, "tags": WRONG}),
    "files": ("add_lesson_learned", {**LESSON, "related_files": WRONG}),
    "repos": ("kb_observe_pattern", {**SIMILAR, "repos": ["acme/api", *WRONG]}),
    "consumers": ("update_dependency_info", {"repository": "a/b", "dependency_info": {"consumers": WRONG}}),
    "packages": (
        "update_dependency_info",
        {"repository": "a/b", "dependency_info": {"external_dependencies": WRONG}},
    ),
    "keywords": ("query_patterns", {"keywords": WRONG}),
    "patterns": ("coordinate_deployment", {"repository": "acme/api", "patterns": WRONG}),
    "paths": ("check_documentation_standards", {"repository": "acme/api", "file_paths": WRONG}),
    "areas": ("trigger_deep_analysis", {"repository": "acme/api", "focus_areas": WRONG}),
}


def test_what_writers_tell_is_read_beside_the_event_loop(make_world):
    threads = []

    class Slow(TELL.input):
        @model_validator(mode="after")
        def _slowly(self):
            threads.append(threading.current_thread().name)
            return self

    world = make_world(caller=ANA, skills={TELL.id: replace(TELL, input=Slow)})
    assert world.execute(TELL.id, lesson="x").status_code == 200
    assert threads[-1].startswith("AnyIO worker thread")


@pytest.mark.parametrize(("skill", "given"), BOMBS.values(), ids=BOMBS.keys())
def test_a_list_that_is_too_long_is_refused_for_its_length(skill, given):
    began = time.process_time()
    with pytest.raises(CannotAnswer, match="should have at most") as refused:
        SKILLS[skill].read(given)
    assert time.process_time() - began < 0.2
    assert len(refused.value.error) < 300


def test_a_nul_in_an_id_is_no_question_for_the_database(monkeypatch, tmp_path):
    engine = open_state(f"sqlite:///{tmp_path}/state.db")
    for module in (sql_tasks, sql_writes):  # PostgreSQL refuses such a text, which would look like a bug
        monkeypatch.setattr(module, "reading", None)
    assert sql_tasks.SqlTasks(engine).find("a\0b", ANA) is None
    assert sql_writes.SqlWrites(engine).find("a\0b", caller="ana") is None
