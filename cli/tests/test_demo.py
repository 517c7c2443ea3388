"""The demo organisation is built the same on every machine, and its story is told in order."""

from pathlib import Path

import pytest

from devnexus.errors import ConfigurationError
from devnexus.git import run_git
from devnexus.git_names import is_no_commit
from devnexus_cli.demo import play_demo

DEMO = Path(__file__).parents[2] / "demo"


def test_the_same_patches_are_the_same_commits_every_time(tmp_path):
    one, two = play_demo(DEMO, tmp_path / "one"), play_demo(DEMO, tmp_path / "two")
    assert [(r.id, r.name) for r in one.repositories] == [(r.id, r.name) for r in two.repositories]
    assert [push for _, push in one.pushes] == [push for _, push in two.pushes]
    heads = {r.name: run_git(r.path, "rev-parse", "main").decode()[:8] for r in one.repositories}
    assert heads["demo/orders"] == "78be00b2"


def test_pushes_come_in_order_of_time_one_twice_and_one_back(tmp_path):
    script = play_demo(DEMO, tmp_path / "demo")
    moments = [push.pushed_at for _, push in script.pushes]
    assert moments == sorted(moments)
    assert script.repeated == 1
    ((catalog, back),) = [(repository, push) for repository, push in script.pushes if push.is_forced]
    assert run_git(catalog.path, "rev-parse", "main").decode().strip() == back.after
    run_git(catalog.path, "cat-file", "-e", back.before)
    # one record a push; a snapshot for each branch that starts and for the one that is forced back
    assert script.records == len(script.pushes) - 1 + len(script.repositories) + 1
    assert sum(is_no_commit(push.before) for _, push in script.pushes) == len(script.repositories)


def test_building_again_takes_the_place_of_what_was_there(tmp_path):
    play_demo(DEMO, tmp_path / "demo")
    (tmp_path / "demo" / "orders" / "rubbish").write_text("x")
    script = play_demo(DEMO, tmp_path / "demo")
    assert not (tmp_path / "demo" / "orders" / "rubbish").exists()
    assert len(script.repositories) == 6


def test_a_folder_that_somebody_else_filled_is_left_alone(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("precious")
    with pytest.raises(ConfigurationError, match="not of our making"):
        play_demo(DEMO, tmp_path / "mine")
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "precious"


@pytest.mark.parametrize(
    "story", ["twice: [{repository: r, patch: 9}]", "twice: [{repository: x, patch: 1}]"]
)
def test_a_story_of_what_is_not_there_is_refused(tmp_path, story):
    source = tmp_path / "demo" / "r"
    source.mkdir(parents=True)
    first = next((DEMO / "orders").glob("0001-*.patch"))
    (source / first.name).write_bytes(first.read_bytes())
    (tmp_path / "demo" / "pushes.yaml").write_text(story)
    with pytest.raises(ConfigurationError, match=r"pushes\.yaml"):
        play_demo(tmp_path / "demo", tmp_path / "built")


def test_a_folder_without_a_demo_is_named_with_the_way_out(tmp_path):
    with pytest.raises(ConfigurationError, match="REPOS="):
        play_demo(tmp_path / "none", tmp_path / "demo")


@pytest.mark.parametrize("story", ["back: 7", "unknown: []", "twice: [{repository: r}]", "{", "[1]"])
def test_a_story_that_cannot_be_read_names_the_file(tmp_path, story):
    (tmp_path / "demo" / "r").mkdir(parents=True)
    (tmp_path / "demo" / "r" / "0001-x.patch").write_text("")
    (tmp_path / "demo" / "pushes.yaml").write_text(story)
    with pytest.raises(ConfigurationError, match=r"pushes\.yaml"):
        play_demo(tmp_path / "demo", tmp_path / "built")
