"""The conversation since the handoff, and the notes beside it, as everyone who may see the case sees them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from escalations.handoffs import attachments
from escalations.models import Escalation
from operators.case import conversation

_MENTION = re.compile(r"((?<![\w@.+-])@[\w.@+-]*[\w])")
# A live page shows so many turns, and leads to the others.
SHOWN = 100
USER, OPERATOR, AGENT = "user", "operator", "agent"


@dataclass(frozen=True)
class Link:
    """An address that goes with a turn. Only one of the web becomes a link that a person may follow."""

    uri: str
    mime_type: str | None

    @property
    def is_web(self) -> bool:
        return attachments.is_web(self.uri)


@dataclass(frozen=True)
class Said:
    """One turn since the handoff. `side` is who spoke: the user, a person of the desk, or the agent."""

    id: int
    turn: conversation.Turn
    side: str
    who: str
    at: datetime
    links: list[Link]

    @property
    def is_for_agent(self) -> bool:
        """Whether it is a person's question to the agent, which the user never reads."""
        return self.side == OPERATOR and self.turn.role == "system"

    @property
    def turns(self) -> list[conversation.Turn]:
        """The turn as the transcript shows it, with its tool calls."""
        return [self.turn]


@dataclass(frozen=True)
class Noted:
    """One private note. `pieces` are its words, each with whether it is a mention."""

    id: int
    who: str
    at: datetime
    pieces: list[tuple[str, bool]]


def notes_on(case: Escalation) -> list[Noted]:
    """The notes on the case, oldest first."""
    return [
        Noted(note.pk, str(note.author), note.created_at, _pieces(note.body))
        for note in case.notes.select_related("author")
    ]


@dataclass(frozen=True)
class Talk:
    """The turns since the handoff, oldest first: the last ones, and how many were `earlier`."""

    said: list[Said]
    earlier: int

    @property
    def count(self) -> int:
        return len(self.said) + self.earlier


def talk_of(case: Escalation) -> Talk:
    """What was said since the handoff; a tool's answer stands under its call."""
    turns = case.turns_since.select_related("author")
    rows = list(turns.order_by("-id")[: SHOWN + 1])[::-1]
    earlier = turns.count() - SHOWN if len(rows) > SHOWN else 0
    rows = rows[-SHOWN:]
    shown = conversation.turns([row.message for row in rows], agent=case.agent_version.agent.name)
    said = [
        Said(
            id=row.pk,
            turn=turn,
            side=OPERATOR if row.author else USER if turn.role == "user" else AGENT,
            who=str(row.author) if row.author else turn.who,
            at=row.created_at,
            links=_links(row.message),
        )
        for turn in shown
        for row in [rows[turn.at]]
    ]
    return Talk(said, earlier)


def as_text(case: Escalation) -> str:
    """All that was said since the handoff, as plain text."""
    return "\n\n".join(
        f"{row.author or row.message['role']}, {row.created_at:%Y-%m-%d %H:%M:%S} UTC\n"
        + conversation.content_text(row.message)
        for row in case.turns_since.select_related("author").iterator(chunk_size=500)
    )


def _links(message: Mapping[str, Any]) -> list[Link]:
    return [Link(each["uri"], each["mime_type"]) for each in attachments.of_message(message)]


def _pieces(body: str) -> list[tuple[str, bool]]:
    return [(words, at % 2 == 1) for at, words in enumerate(_MENTION.split(body)) if words]
