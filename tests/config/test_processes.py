import json
import os
import signal
import stat
import subprocess
import sys

import psutil
import pytest

from config.supervisor.keeper import Keeper, stop_together
from config.supervisor.keys import kept_secrets
from config.supervisor.process import Process, end_leftovers
from tests.servers import wait_until

SLEEPS = "import time; time.sleep(60)"
IGNORES_SIGTERM = (
    f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); {SLEEPS}"
)
SAYS_WHEN_INTERRUPTED = """
import signal, sys, time
def end(*_):
    print("asked", flush=True)
    time.sleep(0.3)  # long enough to be asked again
    sys.exit()
signal.signal(signal.SIGINT, end)
print("ready", flush=True)
signal.pause()
"""
PARENT = """
import sys, time
from pathlib import Path
from config.supervisor.process import Process
child = Process("child", [sys.executable, "-c", "import time; time.sleep(60)"], run_dir=Path(sys.argv[1]))
child.start()
print(child.pid, flush=True)
time.sleep(60)
"""


@pytest.fixture
def program(tmp_path):
    """A Python program as a supervised process, stopped after the test."""
    made = []

    def make(code: str, name: str = "program", **options) -> Process:
        made.append(Process(name, [sys.executable, "-c", code], run_dir=tmp_path, **options))
        made[-1].start()
        return made[-1]

    yield make
    for process in made:
        process.stop(0)


def test_every_line_is_handed_on_with_the_name(program):
    lines = []
    program("print('one'); print('two')", on_line=lambda *line: lines.append(line))
    wait_until(lambda: lines == [("program", "one"), ("program", "two")])


def test_what_ignores_being_asked_is_killed(program):
    ready = []
    process = program(IGNORES_SIGTERM, on_line=lambda *line: ready.append(line))
    wait_until(lambda: ready)
    process.stop(grace=0.1)
    assert not process.running()


def test_several_stop_together_and_each_is_asked_once(program, tmp_path):
    seen = []
    options = {"stop_signal": signal.SIGINT, "on_line": lambda *line: seen.append(line)}
    processes = [program(SAYS_WHEN_INTERRUPTED, name, **options) for name in ("one", "two")]
    wait_until(lambda: len(seen) == 2)
    stop_together(processes)
    assert not any(process.running() for process in processes)
    assert not list(tmp_path.glob("*.pid"))
    wait_until(lambda: sorted(seen[2:]) == [("one", "asked"), ("two", "asked")])


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children that their parent died")
def test_children_end_when_their_parent_is_killed(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, tmp_path], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        child = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    child.wait(5)


def test_leftovers_are_ended(program, tmp_path):
    process = program(SLEEPS)
    wait_until(lambda: psutil.Process(process.pid).cmdline() == process.argv)
    end_leftovers(tmp_path)
    assert not process.running()
    assert not list(tmp_path.glob("*.pid"))


def test_a_number_that_another_program_got_is_left_alone(tmp_path):
    record = {"pid": os.getpid(), "argv": ["/usr/bin/something", "else"]}
    (tmp_path / "web.pid").write_text(json.dumps(record))
    end_leftovers(tmp_path)
    assert not list(tmp_path.glob("*.pid"))


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": 4194304, "argv": []}'])
def test_a_pid_file_of_a_dead_process_or_half_written_blocks_nothing(tmp_path, text):
    (tmp_path / "web.pid").write_text(text)
    end_leftovers(tmp_path)
    assert not list(tmp_path.glob("*.pid"))


def test_what_ends_is_started_again_ever_more_slowly(program):
    process = program("")
    starts = []
    keeper = Keeper(process, lambda: starts.append(now))
    wait_until(lambda: not process.running())
    for step in range(80):
        now = step / 2
        keeper.look(now)
    assert starts == [1.0, 3.5, 8.0, 16.5, 33.0]


def test_what_ran_for_long_starts_again_quickly(program):
    process = program("")
    starts = []
    keeper = Keeper(process, lambda: starts.append(now))
    wait_until(lambda: not process.running())
    for now in (0.0, 1.0, 100.0, 101.0):
        keeper.look(now)
    assert starts == [1.0, 101.0]


def test_a_running_program_is_left_alone(program):
    process = program(SLEEPS)
    Keeper(process, lambda: pytest.fail("started twice")).look(1000.0)


def test_secrets_are_made_once_and_for_their_owner_only(tmp_path):
    path = tmp_path / "secrets.json"
    first = kept_secrets(path)
    assert kept_secrets(path) == first
    assert len(set(first.values())) == len(first) == 2
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_stop_signal_is_the_one_that_was_asked_for(program):
    seen = []
    process = program(
        SAYS_WHEN_INTERRUPTED, stop_signal=signal.SIGINT, on_line=lambda _, line: seen.append(line)
    )
    wait_until(lambda: seen == ["ready"])
    process.stop()
    wait_until(lambda: seen == ["ready", "asked"])
