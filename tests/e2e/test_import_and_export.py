"""A thousand repositories through the command line: interrupted, completed, and out again equal."""

import json
import signal
import subprocess
import sys
import time

from v2_files import v2_file

from devnexus.knowledge.stores.git_store import create_git_store, open_git_store

DEVNEXUS = (sys.executable, "-m", "devnexus_cli.main", "kb")
MOST_MEMORY_KB = 400_000
MEASURED = (
    sys.executable,
    "-c",
    "import resource, subprocess, sys\n"
    "status = subprocess.run(sys.argv[1:]).returncode\n"
    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr)\n"
    "sys.exit(status)",
)
"""Runs a command and says last how much memory it took: asked here, it would be at least that of pytest."""


def test_a_thousand_repositories_survive_ctrl_c_and_come_back_equal(tmp_path):
    base, source, out = tmp_path / "kb.git", tmp_path / "kb.json", tmp_path / "out.json"
    content = v2_file(1000, entries=2)
    source.write_text(json.dumps(content, indent=2), encoding="utf-8")
    create_git_store(base)
    command = [*DEVNEXUS, "import", "--knowledge", str(base), str(source)]

    interrupted = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    _wait_for_a_commit(base)
    interrupted.send_signal(signal.SIGINT)
    assert "run it again to complete it" in interrupted.communicate(timeout=60)[1]
    assert interrupted.returncode == 1

    completed, import_kb = measured(command)
    assert completed.startswith("Imported 1000 repositories")
    assert not completed.endswith(" 0 known already\n")
    _, export_kb = measured([*DEVNEXUS, "export", "--knowledge", str(base), "--output", str(out)])
    assert json.loads(out.read_text(encoding="utf-8")) == content
    assert max(import_kb, export_kb) < MOST_MEMORY_KB


def measured(command):
    """What a command prints, and the most memory that it took in kB."""
    done = subprocess.run([*MEASURED, *command], capture_output=True, text=True, timeout=300, check=True)
    return done.stdout, int(done.stderr.split()[-1])


def _wait_for_a_commit(base):
    store = open_git_store(base)
    empty, limit = store.head(), time.monotonic() + 60
    while store.head() == empty:
        assert time.monotonic() < limit, "nothing was imported within a minute"
        time.sleep(0.1)
    store.close()
