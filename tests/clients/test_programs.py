"""Programs that use the client as programs do: no warning, nothing left open, nothing shared by a fork."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.clients.strange import Said, StrangeServer, case
from tests.clients.test_runs import taken

SOURCE = Path(__file__).parents[2] / "clients" / "python" / "src"
BEGIN = """
import asyncio, os, sys
from handrail_client import AsyncHandrail, Handrail, Spool
URL, FOLDER = sys.argv[1:]
RUN = {"agent": {"name": "support", "version": "1"}, "run_id": "1"}
CASE = {"agent": RUN["agent"], "kind": "question", "reason": "policy"}
CASE["messages"] = [{"role": "user", "content": "Hello"}]
"""
SCRIPT = """
desk = Handrail(URL, "hr_key", spool=Spool(FOLDER, replay_seconds=60))
known = desk.hand_off(**CASE)
for event in desk.events(known):
    break
desk.report_run(**RUN)
desk.close()
"""
SERVER = """
async def serve():
    async with AsyncHandrail(URL, "hr_key", spool=Spool(FOLDER, replay_seconds=60)) as desk:
        known = await desk.hand_off(**CASE)
        async for event in desk.events(known):
            break
        waiting = asyncio.create_task(desk.wait(known))
        await asyncio.sleep(0.05)
        waiting.cancel()
        await desk.report_run(**RUN)
asyncio.run(serve())
"""
LOOPS = """
desk = AsyncHandrail(URL, "hr_key")
async def call():
    await desk.hand_off(**CASE)
async def end():
    await desk.report_run(**RUN)
    await desk.close()
asyncio.run(call())
asyncio.run(call())
asyncio.run(end())
"""
WORKERS = """
desk = Handrail(URL, "hr_key", spool=Spool(FOLDER))
known = desk.hand_off(**CASE)
desk.report_run(**RUN)
def work():
    worker = os.fork()
    if worker:
        return worker
    with desk:
        for _ in range(20):
            desk.hand_off(**CASE)
    sys.exit(0)
for worker in [work(), work()]:
    assert os.waitpid(worker, 0)[1] == 0
desk.close()
"""


@pytest.mark.parametrize("program", [SCRIPT, SERVER])
def test_a_program_leaves_no_warning(strange: StrangeServer, tmp_path: Path, program: str) -> None:
    event = 'id: 1\nevent: handoff.claimed\ndata: {"version": 2}\n\n'
    stream = Said(200, event, "text/event-stream", hangs=True)
    strange.at = {
        "handoffs": Said(201, case()),
        "events": stream,
        "wait": Said(200, case()),
        "runs": taken("1"),
    }
    _run(BEGIN + program, strange, tmp_path)
    assert [heard.path.rpartition("/")[2] for heard in strange.heard if heard.body] == ["handoffs", "runs"]


def test_forked_workers_have_connections_of_their_own(strange: StrangeServer, tmp_path: Path) -> None:
    strange.at = {"handoffs": Said(201, case()), "runs": taken("1")}
    _run(BEGIN + WORKERS, strange, tmp_path)
    paths = [heard.path.rpartition("/")[2] for heard in strange.heard]
    assert (paths.count("handoffs"), paths.count("runs")) == (41, 1)


def test_event_loops_may_follow_each_other(strange: StrangeServer, tmp_path: Path) -> None:
    strange.at = {"handoffs": Said(201, case()), "runs": taken("1")}
    _run(BEGIN + LOOPS, strange, tmp_path)
    assert [heard.path.rpartition("/")[2] for heard in strange.heard] == ["handoffs", "handoffs", "runs"]


def _run(program: str, server: StrangeServer, folder: Path) -> None:
    # Newer Pythons warn of forks beside threads, which is what is tried here.
    warnings = ["-W", "error", "-W", "ignore:This process:DeprecationWarning"]
    argv = [sys.executable, *warnings, "-c", program, server.url, str(folder)]
    done = subprocess.run(
        argv, env={"PYTHONPATH": str(SOURCE)}, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
