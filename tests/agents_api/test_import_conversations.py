"""Recorded conversations go in through the REST API, once each, and what is refused is explained."""

import gzip
import http.server
import json
import os
import threading
import tracemalloc
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.core.management import CommandError, call_command

from agents_api import importing
from agents_api.importing import Conversation, Sender, Unreadable
from agents_api.posting import Poster, Verdict
from escalations.models import Escalation, Handoff, Reason
from tests.factories import make_agent, make_key, make_queue
from tests.servers import Server

_ROOT = Path(__file__).resolve().parents[2]
_SHARED = _ROOT.parent / "shared" / "data" / "tau_bench_airline" / "trajectories.json.gz"
TAU_BENCH = Path(os.environ.get("TAU_BENCH_PATH") or _SHARED)
needs_tau_bench = pytest.mark.skipif(
    not TAU_BENCH.exists(), reason=f"no τ-bench file at {TAU_BENCH}; TAU_BENCH_PATH names another"
)

ASKS = {"role": "user", "content": "Where is my order?"}
ANSWERS = {"role": "assistant", "content": "On its way."}


def transfers(summary: str) -> dict[str, Any]:
    function = {"name": importing.TRANSFER_TOOL, "arguments": json.dumps({"summary": summary})}
    return {
        "role": "assistant",
        "content": None,
        "tool_calls": [{"id": "c1", "type": "function", "function": function}],
    }


def write(path: Path, text: str) -> Path:
    path.write_bytes(gzip.compress(text.encode()) if path.suffix == ".gz" else text.encode())
    return path


def lines(*entries: Any) -> str:
    return "".join(json.dumps(entry) + "\n" for entry in entries)


class TestReading:
    @pytest.mark.parametrize("name", ["chats.jsonl", "chats.jsonl.gz"])
    def test_json_lines_hold_lists_or_objects_plain_or_zipped(self, tmp_path: Path, name: str) -> None:
        path = write(tmp_path / name, lines([ASKS, ANSWERS], {"messages": [ASKS], "user": "u1"}) + "\n\n")
        first, second = importing.read(path)
        assert first == Conversation("line 1", [ASKS, ANSWERS])
        assert second == Conversation("line 2", [ASKS], {"user": "u1"})

    @pytest.mark.parametrize("indent", [None, 2])
    def test_tau_bench_files_are_one_list_on_one_line_or_many(
        self, tmp_path: Path, indent: int | None
    ) -> None:
        entries = [{"task_id": 7, "trial": 0, "reward": 1.0, "info": {"long": True}, "traj": [ASKS]}]
        [found] = importing.read(write(tmp_path / "t.json", json.dumps(entries, indent=indent)))
        assert found == Conversation("entry 1", [ASKS], {"task_id": 7, "trial": 0, "reward": 1.0})

    def test_what_is_no_conversation_is_named_and_the_rest_is_read(self, tmp_path: Path) -> None:
        path = write(tmp_path / "c.jsonl", '{"mess\n' + lines({"text": "hi"}, "hi", ["hi"], [ASKS]))
        *bad, good = importing.read(path)
        assert [type(item) for item in bad] == [Unreadable] * 4
        assert [item.place for item in bad] == ["line 1", "line 2", "line 3", "line 4"]
        assert isinstance(good, Conversation)

    def test_a_line_that_breaks_off_after_a_bracket_is_no_tau_bench_file(self, tmp_path: Path) -> None:
        bad, good = importing.read(write(tmp_path / "c.jsonl", '[{"role"\n' + lines([ASKS])))
        assert (bad.place, good.place) == ("line 1", "line 2")

    @pytest.mark.parametrize("text", ["", "\n", "[]"])
    def test_an_empty_file_holds_nothing(self, tmp_path: Path, text: str) -> None:
        assert list(importing.read(write(tmp_path / "c.jsonl", text)))[1:] == []

    def test_memory_stays_flat_however_long_the_file(self, tmp_path: Path) -> None:
        line = lines([{"role": "user", "content": "word " * 2_000}])
        path = write(tmp_path / "c.jsonl", line * 2_000)
        tracemalloc.start()
        try:
            assert sum(1 for _ in importing.read(path)) == 2_000
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert peak < path.stat().st_size / 20


class TestHandoffs:
    sender = Sender("support", "2.3")

    def test_a_transfer_becomes_a_takeover_with_the_agents_summary(self) -> None:
        body = importing.handoff(
            Conversation("line 1", [ASKS, transfers("Name change is not possible.")]), self.sender
        )
        assert (body["kind"], body["reason"]) == ("takeover", Reason.OUT_OF_SCOPE)
        assert body["summary"] == "Name change is not possible."
        assert body["usage"] == {"turns": 1}
        assert "routing" not in body

    @pytest.mark.parametrize(
        ("summary", "said"),
        [("The user would like to speak to a supervisor.", "ok"), ("Refund refused.", "Get me a human!")],
    )
    def test_who_asked_for_a_person_is_told_apart(self, summary: str, said: str) -> None:
        talk = [ASKS, {"role": "user", "content": said}, transfers(summary)]
        assert importing.handoff(Conversation("", talk), self.sender)["reason"] == Reason.USER_REQUESTED

    def test_all_others_become_reviews(self) -> None:
        body = importing.handoff(
            Conversation("line 1", [ASKS, ANSWERS]), Sender("support", "2.3", "overflow")
        )
        assert (body["kind"], body["summary"]) == ("review", "Where is my order?")
        assert body["routing"] == {"queue": "overflow"}

    def test_the_key_depends_on_the_content_and_not_on_the_place(self) -> None:
        keys = {
            importing.idempotency_key(importing.handoff(Conversation(place, messages), self.sender))
            for place, messages in [("line 1", [ASKS]), ("line 9", [ASKS]), ("line 1", [ASKS, ANSWERS])]
        }
        assert len(keys) == 2

    @pytest.mark.parametrize("calls", ["no list", [1], [{"function": None}], [{"function": {"name": "x"}}]])
    def test_malformed_tool_calls_are_left_for_the_server_to_name(self, calls: Any) -> None:
        assert Conversation("", [{"role": "assistant", "tool_calls": calls}]).transfer is None


class TestPosting:
    """Against a small server that answers what the test says; the real one is asked below."""

    @pytest.fixture
    def desk(self) -> Iterator[Any]:
        class Desk(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                self.server.keys.append(self.headers["Idempotency-Key"])
                status, headers, body = self.server.answers.pop(0)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *args: Any) -> None:
                """Be quiet."""

        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Desk) as server:
            server.answers, server.keys = [], []
            thread = threading.Thread(target=server.serve_forever, args=(0.01,))
            thread.start()
            yield server
            server.shutdown()
            thread.join()

    def post(self, desk: Any) -> tuple[Any, list[float]]:
        pauses: list[float] = []
        with httpx.Client(base_url=f"http://127.0.0.1:{desk.server_port}") as client:
            return Poster(client, "key", pause=pauses.append).post({"messages": []}), pauses

    def test_what_heals_is_tried_again_under_the_same_key(self, desk: Any) -> None:
        desk.answers = [(503, {"Retry-After": "7"}, ""), (409, {}, ""), (201, {}, "{}")]
        outcome, pauses = self.post(desk)
        assert outcome.verdict == Verdict.ACCEPTED
        assert pauses == [7.0, 1.0]
        assert len(set(desk.keys)) == 1

    def test_what_does_not_heal_is_given_up(self, desk: Any) -> None:
        desk.answers = [(502, {}, "<html>")] * 6
        outcome, pauses = self.post(desk)
        assert (outcome.verdict, outcome.why) == (Verdict.REFUSED, "HTTP 502")
        assert pauses == sorted(pauses)
        assert len(pauses) == 5

    def test_a_refusal_is_final_and_says_where_without_counting(self, desk: Any) -> None:
        flaws = [{"pointer": f"/messages/{n}/role", "detail": "No."} for n in (3, 5)]
        desk.answers = [(422, {}, json.dumps({"title": "Invalid request", "errors": flaws}))]
        outcome, pauses = self.post(desk)
        assert outcome.why == "Invalid request at /messages/*/role"
        assert outcome.detail.startswith("/messages/3/role: No.")
        assert pauses == []

    def test_nobody_there_is_said_in_words(self, desk: Any) -> None:
        with httpx.Client(base_url="http://127.0.0.1:1") as client:
            outcome = Poster(client, "key", pause=lambda _: None).post({})
        assert outcome.why == "The desk cannot be reached"


class TestCommand:
    """The whole way into the real server."""

    @pytest.fixture
    def key(self, live_server: Server) -> str:
        return make_key(make_agent())

    def run(self, path: Path, server: Server, key: str, **options: Any) -> str:
        output = StringIO()
        try:
            call_command("import_conversations", path, url=server.url, key=key, stdout=output, **options)
        except CommandError as error:
            output.write(f"\nexit {error.returncode}")
        return output.getvalue()

    @needs_tau_bench
    def test_all_tau_bench_conversations_go_in_and_once_only(self, live_server: Server, key: str) -> None:
        first = self.run(TAU_BENCH, live_server, key)
        second = self.run(TAU_BENCH, live_server, key)
        assert first.startswith("200 accepted, 0 known before, 0 refused")
        assert second.startswith("0 accepted, 200 known before, 0 refused")
        assert Escalation.objects.filter(kind="takeover").count() == 48
        assert Escalation.objects.filter(kind="review").count() == 152

    @needs_tau_bench
    def test_only_transfers_are_taken_as_they_were_recorded(self, live_server: Server, key: str) -> None:
        make_queue("airline")
        options = {"only_transfers": True, "queue": "airline", "version": "gpt-4o"}
        assert self.run(TAU_BENCH, live_server, key, **options).startswith("48 accepted")
        cases = Escalation.objects.select_related("queue", "agent_version")
        assert {(case.queue.name, case.agent_version.name) for case in cases} == {("airline", "gpt-4o")}
        recorded = {
            json.dumps(found.messages)
            for found in importing.read(TAU_BENCH)
            if isinstance(found, Conversation) and found.transfer is not None
        }
        assert {json.dumps(handoff.messages) for handoff in Handoff.objects.all()} == recorded

    def test_what_is_refused_is_grouped_and_fails_the_command(
        self, live_server: Server, key: str, tmp_path: Path
    ) -> None:
        path = write(
            tmp_path / "c.jsonl",
            lines([ASKS], [{"role": "robot"}], [ASKS, {"role": "robot"}], [{"role": "user", "content": 7}])
            + "{",
        )
        report = self.run(path, live_server, key)
        assert report.startswith("1 accepted, 0 known before, 4 refused")
        assert "2 × Invalid request at /messages/*/role (first: line 2" in report
        assert "1 × Invalid request at /messages/*/content" in report
        assert "1 × Unreadable (first: line 5: Not JSON" in report
        assert report.endswith("exit 1")

    def test_a_wrong_key_is_said_once_with_its_count(
        self, live_server: Server, key: str, tmp_path: Path
    ) -> None:
        path = write(tmp_path / "c.jsonl", lines([ASKS], [ANSWERS]))
        report = self.run(path, live_server, key[:-1] + ("y" if key.endswith("x") else "x"))
        assert "2 × Not signed in (first: line 1" in report
        assert report.endswith("exit 1")

    def test_a_missing_or_broken_file_is_one_line(self, tmp_path: Path) -> None:
        broken = tmp_path / "c.jsonl.gz"
        broken.write_bytes(gzip.compress(lines([ASKS]).encode())[:-9])
        for path in (tmp_path / "nothing", broken):
            with pytest.raises(CommandError, match="cannot be read"):
                call_command("import_conversations", path, url="http://127.0.0.1:1", key="k")
