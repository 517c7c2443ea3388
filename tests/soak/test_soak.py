"""A quarter of a minute of `make soak`: all goes wrong once, every service is ended, and it adds up."""

import os
import subprocess
import sys
from pathlib import Path


def test_a_quarter_of_a_minute_of_everything_going_wrong_adds_up():
    environment = {name: value for name, value in os.environ.items() if name != "DISK"}
    command = [sys.executable, "-m", "soak", "--minutes", "0.25", "--seed", "1"]
    done = subprocess.run(
        command, cwd=Path(__file__).parents[1], env=environment, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "it adds up" in done.stdout
    assert "disk full" in done.stdout
