"""Open pages of a desk beside its model: what their sockets are sent must make them equal to fresh ones."""

import json
import re
from typing import Any

from escalations import events
from escalations.models import State
from operators.case.views.case import render_status
from operators.live.rooms import CaseTopic, Outbox, QueueTopic, Topic
from operators.queue.queue_view import QueueView
from operators.queue.views.queue import render_list
from tests.escalations.transitions.lives import Desk
from tests.escalations.transitions.promises import check

_LANGUAGE = "en"
_NAMED_ROW = re.compile(r"<!--row (\S+)-->")
# Where a page was read from, and what its own clock counts.
_PASSING = re.compile(r'data-live-cursor="[^"]*"|(?<=>)[^<]*(?=</time>)')
_EVENTS_READ = 200


class Page:
    """A page as it is in a browser: what `static/js/live.js` makes of the messages of its socket."""

    def __init__(self, topic: Topic) -> None:
        self.topic = topic
        self.outbox = Outbox(operator_id=0)
        self.html = fresh(topic)
        self.generation = 0
        self._rows: dict[str, str] = {}
        self._read = max((event.id for event in events.latest(1)[0]), default=0)

    def catch_up(self) -> None:
        """What its room does for a socket when it hears what came since (`operators.live.rooms.Room`)."""
        new = [event for event in events.latest(_EVENTS_READ)[0] if event.id > self._read]
        self._read = max((event.id for event in new), default=self._read)
        if any(map(self.topic.concerns, new)):
            self.generation += 1
            for offer in self.topic.render(self.generation)(self.outbox.operator_id):
                self._receive(json.loads(offer if isinstance(offer, str) else offer(self.outbox)))

    def _receive(self, message: dict[str, Any]) -> None:
        if message["type"] != "html":
            return
        html, rows = message["html"], message.get("rows")
        if rows is not None:
            self._rows = {name: rows.get(name) or self._rows[name] for name in _NAMED_ROW.findall(html)}
            html = _NAMED_ROW.sub(lambda found: self._rows[found[1]], html)
        self.html = html


def fresh(topic: Topic) -> str:
    """The live parts of the page as a browser that opens it now gets them."""
    return render_status(topic.case_id) if isinstance(topic, CaseTopic) else render_list(topic.view)


class ShownDesk(Desk):
    """A desk where a supervisor, somebody who takes cases and somebody who looks at one have pages open."""

    def __init__(self) -> None:
        super().__init__()
        views = [(self.supervisor, "all"), (self.people[0], "waiting"), (self.people[0], "mine")]
        self.pages = [
            Page(QueueTopic(QueueView.for_operator(person, {"view": view}), _LANGUAGE))
            for person, view in views
        ]
        self.moves = 0

    def hand_off(self, number: int, other: int) -> None:
        super().hand_off(number, other)
        if len(self.lives) == 1 and len(self.pages) == 3:
            self.pages.append(Page(CaseTopic(next(iter(self.lives)), _LANGUAGE)))

    @property
    def is_noted(self) -> bool:
        """Whether all that happened has left an event: a lease that ran out does when it is swept."""
        return not any(life.state == State.CLAIMED and not life.is_live for life in self.lives.values())


def check_pages(desk: ShownDesk) -> None:
    """Every promise of the tables, and one page in turn: it hears of several moves at once, as sockets do."""
    check(desk)
    desk.moves += 1
    page = desk.pages[desk.moves % len(desk.pages)]
    page.catch_up()
    if desk.is_noted:
        assert _PASSING.sub("", page.html) == _PASSING.sub("", fresh(page.topic)), "a page is not up to date"
