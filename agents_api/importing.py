"""Recorded conversations, from files to handoffs. Pure readers: no network, no database.

Two formats are read, both plain or gzipped:

- OpenAI chat as JSON Lines: each line is `{"messages": [...]}` or the bare list of messages;
- the files of τ-bench (https://github.com/sierra-research/tau-bench): one JSON list of
  `{task_id, trial, reward, info, traj}`, where `traj` is a conversation in OpenAI chat format.
"""

import gzip
import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import IO, Any

Json = dict[str, Any]
TRANSFER_TOOL = "transfer_to_human_agents"
SUMMARY_MAX = 20_000
_GZIP_MAGIC = b"\x1f\x8b"
_ASKS_FOR_A_PERSON = re.compile(
    r"\b(human|supervisor|manager|representative|(real|live) (person|agent)|(speak|talk) (to|with) (a|some))",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Conversation:
    """A conversation as recorded. `place` is where in the file it is, `about` what else is said of it."""

    place: str
    messages: list[Json]
    about: Json = field(default_factory=dict)

    @property
    def transfer(self) -> Json | None:
        """The arguments with which the agent asked for a person, or None if it did not."""
        asked = (_arguments(call) for call in _calls(self.messages) if call.get("name") == TRANSFER_TOOL)
        return next(asked, None)


@dataclass(frozen=True)
class Unreadable:
    """A line or entry that is no conversation, and why."""

    place: str
    reason: str


@dataclass(frozen=True)
class Sender:
    """Under which agent and where to a conversation is handed off. An empty queue is the agent's own."""

    agent: str
    version: str
    queue: str = ""


def read(path: Path) -> Iterator[Conversation | Unreadable]:
    """What the file holds, one at a time. JSON Lines of any length need the memory of their longest line.

    Raises:
        OSError: the file cannot be read, or breaks off inside its compression.
        UnicodeDecodeError: it is not UTF-8.
    """
    with _opened(path) as file:
        head = file.readline()
        if head.lstrip().startswith("[") and _parsed(head) is None:
            head += file.read()  # a list that is spread over many lines
        if (entries := _parsed(head)) and _is_tau_bench(entries):
            yield from (_entry(number, entry) for number, entry in enumerate(entries, 1))
        else:
            lines = chain(head.rstrip("\n").split("\n"), file)
            yield from (_line(number, line) for number, line in enumerate(lines, 1) if line.strip())


def handoff(conversation: Conversation, sender: Sender) -> Json:
    """The conversation as a handoff: a takeover where the agent asked for a person, else a review.

    It depends on the content alone, so that the same conversation always makes the same handoff.
    """
    messages, transfer = conversation.messages, conversation.transfer
    turns = sum(1 for message in messages if message.get("role") == "user")
    body: Json = {
        "agent": {"name": sender.agent, "version": sender.version},
        "conversation_id": f"imported-{_sha256(messages)[:16]}",
        "kind": "review" if transfer is None else "takeover",
        "reason": "other" if transfer is None else _reason(transfer, messages),
        "summary": _summary(transfer, messages),
        "messages": messages,
        "usage": {"turns": turns},
        "metadata": {"imported": conversation.about},
    }
    if sender.queue:
        body["routing"] = {"queue": sender.queue}
    return body


def idempotency_key(body: Json) -> str:
    """The same for the same handoff, so that importing a file again makes no second case."""
    return f"import-{_sha256(body)}"


@contextmanager
def _opened(path: Path) -> Iterator[IO[str]]:
    with path.open("rb") as probe:
        zipped = probe.read(2) == _GZIP_MAGIC
    if zipped:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            yield lines
    else:
        with path.open(encoding="utf-8") as lines:
            yield lines


def _parsed(text: str) -> Any:
    """The JSON value in `text`, or None where there is none."""
    try:
        return json.loads(text)
    except ValueError:
        return None


def _is_tau_bench(entries: Any) -> bool:
    return isinstance(entries, list) and isinstance(entries[0], dict) and "traj" in entries[0]


def _line(number: int, line: str) -> Conversation | Unreadable:
    place = f"line {number}"
    try:
        entry = json.loads(line)
    except ValueError as error:
        return Unreadable(place, f"Not JSON: {error}")
    if isinstance(entry, list):
        entry = {"messages": entry}
    if not isinstance(entry, dict) or "messages" not in entry:
        return Unreadable(place, "Neither a list of messages nor an object with one.")
    about = {key: value for key, value in entry.items() if key != "messages"}
    return _conversation(place, entry["messages"], about)


def _entry(number: int, entry: Any) -> Conversation | Unreadable:
    place = f"entry {number}"
    if not isinstance(entry, dict) or "traj" not in entry:
        return Unreadable(place, "No τ-bench entry: it has no traj.")
    about = {key: entry[key] for key in ("task_id", "trial", "reward") if key in entry}
    return _conversation(place, entry["traj"], about)


def _conversation(place: str, messages: Any, about: Json) -> Conversation | Unreadable:
    if not isinstance(messages, list) or not all(isinstance(message, dict) for message in messages):
        return Unreadable(place, "The messages are not a list of objects.")
    return Conversation(place, messages, about)


def _calls(messages: list[Json]) -> Iterator[Json]:
    """The functions that were called. What is malformed is passed over here: the server says where it is."""
    for message in messages:
        calls = message.get("tool_calls")
        for call in calls if isinstance(calls, list) else []:
            if isinstance(call, dict) and isinstance(call.get("function"), dict):
                yield call["function"]


def _arguments(function: Json) -> Json:
    arguments = function.get("arguments")
    value = _parsed(arguments) if isinstance(arguments, str) else arguments
    return value if isinstance(value, dict) else {}


def _reason(transfer: Json, messages: list[Json]) -> str:
    """Whether the user asked for a person, going by the agent's summary and the user's last words."""
    said = [str(message.get("content")) for message in messages if message.get("role") == "user"]
    text = " ".join([str(transfer.get("summary", "")), *said[-1:]])
    return "user_requested" if _ASKS_FOR_A_PERSON.search(text) else "out_of_scope"


def _summary(transfer: Json | None, messages: list[Json]) -> str:
    if transfer and transfer.get("summary"):
        return str(transfer["summary"])[:SUMMARY_MAX]
    said = (message.get("content") for message in messages if message.get("role") == "user")
    return next(
        (text[:300] for text in said if isinstance(text, str) and text.strip()), "An imported conversation"
    )


def _sha256(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
