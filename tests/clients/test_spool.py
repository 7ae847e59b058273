"""What cannot be sent waits on the disk, and is sent once, in order, by whoever comes next."""

import json
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from escalations.models import Escalation, Handoff, Turn
from handrail_client import (
    Batching,
    Breaker,
    Fallback,
    Handrail,
    NotKept,
    Retry,
    Spool,
    Unauthenticated,
    Unreachable,
)
from handrail_client.spool import Queue
from tests.clients.conftest import QUICK, Connect
from tests.clients.strange import Said, StrangeServer, case, html, problem
from tests.clients.test_runs import AGENT, WORDS, taken
from tests.factories import claim, decide, handoff, make_agent, make_key, make_operator
from tests.proxy import proxy_to
from tests.servers import Server, wait_until
from tests.threads import at_once

FIELDS: dict[str, Any] = {"agent": AGENT, "kind": "question", "reason": "policy", "messages": WORDS}
NOWHERE = "http://127.0.0.1:9"
ONCE = Retry(attempts=1)
KEY = "hr_live_abcdefgh" + "s" * 32 + "checks"
GO_ON = Fallback("reject", message="Nobody can be reached.")


def test_a_killed_desk_gets_every_case_once_and_in_order(
    transactional_db: None, live_server: Server, tmp_path: Path
) -> None:
    agent = make_agent("support")
    breaker = Breaker(failures=1000)
    desk = Handrail(live_server.url, make_key(agent), retry=QUICK, breaker=breaker, spool=Spool(tmp_path))

    killed: list[bool] = []
    handed: dict[int, list[int]] = {0: [], 1: [], 2: []}

    def hand_off(thread: int) -> None:
        after = 0
        while after < 5:
            after += len(killed)
            number = len(handed[thread])
            desk.hand_off(**FIELDS, metadata={"thread": thread, "number": number})
            handed[thread].append(number)

    def kill() -> None:
        wait_until(lambda: Escalation.objects.count() >= 4, what="some cases are there")
        live_server.process.signal(signal.SIGKILL)
        live_server.process.wait_for_end()
        killed.append(True)

    with desk:
        assert not any(at_once([*(partial(hand_off, thread) for thread in handed), kill]))
        waiting = len(list(tmp_path.glob("*/*.json")))
        live_server.start()
        done = desk.replay()
        assert (done.sent, done.left, done.set_aside) == (waiting, 0, [])
    told = [one.payload["metadata"] for one in Handoff.objects.order_by("case__received_at", "case_id")]
    assert waiting >= 15
    assert {t: [one["number"] for one in told if one["thread"] == t] for t in handed} == handed


@pytest.mark.django_db(transaction=True)
def test_what_is_said_of_a_case_in_an_outage_is_heard_before_what_is_said_later(
    live_server: Server, connect: Connect, tmp_path: Path
) -> None:
    agent = make_agent()
    with proxy_to(live_server.url) as line:
        desk = connect(line.url, make_key(agent), retry=ONCE, spool=Spool(tmp_path))
        known = desk.hand_off(**handoff(agent))
        line.go_down()
        for words in ("one", "two"):
            assert desk.add_messages(known, [{"role": "user", "content": words}]).is_spooled
        later = desk.hand_off(**handoff(agent))
        assert (later.is_spooled, later.is_open) == (True, True)
        line.come_up()
        assert not desk.add_messages(known, [{"role": "user", "content": "three"}]).is_spooled
        turns = (
            Turn.objects.filter(case_id=known.id).order_by("id").values_list("message__content", flat=True)
        )
        assert list(turns)[-3:] == ["one", "two", "three"]
        decide(claim(Escalation.objects.exclude(id=known.id).get(), make_operator()))
        assert desk.wait(later, timeout=30).decision.decision == "approve"
        line.go_down()
        decide(claim(known.id, make_operator()))
        with pytest.raises(Unreachable):
            desk.ack(known.id, "acknowledged")
        assert desk.ack(known.id).is_spooled
        line.come_up()
        assert desk.replay().sent == 1
        desk.close()
    assert Escalation.objects.get(id=known.id).delivery == "applied"
    assert Escalation.objects.count() == 2


def test_nobody_else_can_read_what_waits_and_no_secret_is_in_it(connect, tmp_path):
    def redact(body: dict[str, Any]) -> dict[str, Any]:
        return body | {"messages": [{"role": "user", "content": "[removed]"}]}

    desk = connect(NOWHERE, KEY, retry=ONCE, spool=Spool(tmp_path / "spool"), redact=redact)
    desk.hand_off(**FIELDS)
    found = [tmp_path / "spool", *(tmp_path / "spool").rglob("*")]
    assert {stat.S_IMODE(path.stat().st_mode) for path in found if path.is_file()} == {0o600}
    assert {stat.S_IMODE(path.stat().st_mode) for path in found[1:] if path.is_dir()} == {0o700}
    text = "".join(f"{path} {path.read_text() if path.is_file() else ''}" for path in found)
    assert "abcdefgh" in text
    assert "[removed]" in text
    assert "ssss" not in text
    assert WORDS[0]["content"] not in text


def test_what_the_desk_refuses_is_set_aside_with_its_reason(strange, connect, tmp_path):
    _fill(connect, strange, tmp_path, 3)
    strange.script = [Said(201, case()), problem(422, "invalid-request"), html(), Said(201, case())]
    done = connect(strange.url, spool=Spool(tmp_path)).replay()
    assert (done.sent, done.left, done.error) == (2, 0, None)
    [aside] = done.set_aside
    assert "No." in json.loads(aside.read_text())["refused"]
    assert json.loads(json.loads(aside.read_text())["body"])["summary"] == "2"


def test_a_key_that_was_revoked_leaves_all_where_it_is(strange, connect, tmp_path):
    _fill(connect, strange, tmp_path, 2)
    strange.script = [problem(401, "unauthenticated")]
    desk = connect(strange.url, spool=Spool(tmp_path))
    done = desk.replay()
    assert (done.sent, done.left, done.set_aside) == (0, 2, [])
    with pytest.raises(Unauthenticated):
        desk.hand_off(**FIELDS)


def test_a_crash_behind_the_answer_makes_the_same_request_again(strange, connect, tmp_path):
    _fill(connect, strange, tmp_path, 1)
    strange.script = [Said(201, case())]
    desk = connect(strange.url, spool=Spool(tmp_path))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Queue, "remove", _crash)
        with pytest.raises(KeyboardInterrupt):
            desk.replay()
    assert desk.replay().sent == 1
    first, second = strange.heard
    assert first.body == second.body
    assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"]


def test_processes_that_share_a_spool_send_each_once_and_in_order(strange, connect, tmp_path):
    _fill(connect, strange, tmp_path, 20)
    strange.script = [Said(201, case(), after=0.02)]
    program = (
        "import sys; from handrail_client import Handrail, Spool\n"
        "Handrail(sys.argv[1], 'hr_key', spool=Spool(sys.argv[2])).replay()"
    )
    source = str(Path(__file__).parents[2] / "clients" / "python" / "src")
    argv = [sys.executable, "-c", program, strange.url, str(tmp_path)]
    others = [subprocess.Popen(argv, env={"PYTHONPATH": source}) for _ in range(2)]
    desk = connect(strange.url, spool=Spool(tmp_path))
    wait_until(lambda: desk.replay().left == 0, what="all is sent")
    assert [other.wait(timeout=60) for other in others] == [0, 0]
    assert [json.loads(heard.body)["summary"] for heard in strange.heard] == [str(n) for n in range(1, 21)]


def test_a_full_spool_says_so_and_the_fallback_counts_all_the_same(connect, tmp_path):
    desk = connect(NOWHERE, retry=ONCE, spool=Spool(tmp_path, max_bytes=10))
    with pytest.raises(NotKept, match="full") as full:
        desk.hand_off(**FIELDS)
    assert isinstance(full.value.__cause__, Unreachable)
    assert desk.hand_off(**FIELDS, fallback=GO_ON).is_fallback


def test_what_was_half_written_or_is_no_entry_holds_up_nothing(strange, connect, tmp_path):
    _fill(connect, strange, tmp_path, 1)
    [entry] = tmp_path.glob("*/*.json")
    entry.with_name("000000000000.json").write_text('{"kind": "hand')
    entry.with_name("000000000005.part").write_text("half")
    strange.script = [Said(201, case())]
    done = connect(strange.url, spool=Spool(tmp_path)).replay()
    assert (done.sent, done.left) == (1, 0)
    _fill(connect, strange, tmp_path, 1)
    assert not list(tmp_path.glob("*/*.part"))


def test_what_waits_is_sent_by_itself_if_one_likes(strange, connect, tmp_path):
    strange.script = [html(502)]
    desk = connect(strange.url, retry=ONCE, spool=Spool(tmp_path, replay_seconds=0.05))
    assert desk.hand_off(**FIELDS).is_spooled
    strange.script = [Said(201, case())]
    idle: Callable[[], None] = getattr(desk, "idle", lambda: None)
    wait_until(lambda: idle() or not list(tmp_path.glob("*/*.json")), what="nothing waits")


def test_runs_wait_with_their_full_state_for_the_draw(strange, connect, tmp_path):
    desk = connect(NOWHERE, retry=ONCE, spool=Spool(tmp_path, name="support"))
    desk.report_run(agent=AGENT, run_id="1", review={"messages": WORDS})
    assert desk.flush().is_spooled
    told: list[Any] = []
    strange.script = [taken("1", drawn=("1",)), Said(201, case())]
    batching = Batching(on_taken=told.append)
    later = connect(strange.url, spool=Spool(tmp_path, name="support"), batching=batching)
    assert later.replay().sent == 1
    assert told[0].accepted == 1
    review = json.loads(strange.heard[1].body)
    assert (review["kind"], review["run_id"], review["messages"]) == ("review", "1", WORDS)


def test_the_fallback_counts_where_the_desk_is_away_until_it_is_back(strange, connect):
    actions = [{"tool_call_id": "c1", "name": "refund"}]
    strange.script = [html(502)]
    desk = connect(strange.url, retry=ONCE, fallback=GO_ON)
    own = desk.hand_off(**FIELDS, pending_actions=actions)
    assert (own.is_fallback, own.is_open, own.is_spooled) == (True, False, False)
    [action] = own.decision.actions
    assert (action.tool_call_id, action.decision, action.message) == ("c1", "reject", GO_ON.message)
    assert desk.ack(own) is own
    assert desk.wait(own, timeout=0.1).is_fallback
    strange.script = [Said(201, case()), Said(200, case(state="cancelled", version=2))]
    assert desk.wait(own, timeout=30).state == "cancelled"
    [key] = {heard.headers["Idempotency-Key"] for heard in strange.heard if heard.body}
    assert key


def test_the_fallback_counts_where_nobody_decides_in_time(strange, connect):
    strange.script = [Said(201, case()), Said(200, case()), Said(204, "")]
    desk = connect(strange.url)
    known = desk.hand_off(**FIELDS)
    late = desk.wait(known, timeout=0.2, fallback=Fallback("respond", message="I will ask again."))
    assert (late.id, late.is_fallback, late.decision.decision) == (known.id, True, "respond")
    assert late.decision.messages == [{"role": "assistant", "content": "I will ask again."}]
    strange.script = [Said(200, case(state="expired", version=2))]
    assert desk.wait(known, timeout=30, fallback=GO_ON).is_fallback
    assert not desk.wait(known, timeout=30).is_fallback


def _fill(connect: Connect, strange: StrangeServer, folder: Path, number: int) -> None:
    """Let so many handoffs wait for this server."""
    strange.script = [html(502)]
    desk = connect(strange.url, retry=ONCE, spool=Spool(folder))
    for one in range(1, number + 1):
        assert desk.hand_off(**FIELDS, summary=str(one)).is_spooled
    strange.heard.clear()


def _crash(*_: Any) -> None:
    raise KeyboardInterrupt
