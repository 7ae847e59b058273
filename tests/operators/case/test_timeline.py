"""The activity of a case: by days, people by their names, and a sentence for every kind of event."""

import re
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from escalations.models import Event, Operator
from operators.case import timeline
from operators.rendering.formatting import day_name
from tests.factories import make_case, make_operator

ROOT = Path(__file__).parents[3]


@pytest.mark.django_db
def test_events_are_grouped_by_the_days_of_the_person_who_looks():
    case, noor = make_case(), make_operator(first_name="Noor", last_name="Haddad")
    times = [datetime(2025, 11, 22, 23, 30, tzinfo=UTC), datetime(2025, 11, 22, 22, 30, tzinfo=UTC)]
    actors = [f"operator:{noor.pk}", "agent:support"]
    events = [
        Event(case=case, kind="message", actor=actor, created_at=at)
        for actor, at in zip(actors, times, strict=True)
    ]
    days = timeline.days(events, ZoneInfo("Europe/Berlin"))
    assert [(day.on, [(entry.who, entry.icon) for entry in day.entries]) for day in days] == [
        (date(2025, 11, 23), [("Noor Haddad", "user")]),
        (date(2025, 11, 22), [("support", "bot")]),
    ]


@pytest.mark.parametrize(
    ("day", "name"), [(23, "Today"), (22, "Yesterday"), (21, "21 Nov 2025"), (24, "24 Nov 2025")]
)
def test_days_are_called_as_people_call_them(day, name):
    now = datetime(2025, 11, 22, 23, 30, tzinfo=UTC)
    assert day_name(date(2025, 11, day), Operator(timezone="Europe/Berlin"), now) == name


def test_every_kind_of_event_has_a_sentence():
    code = "\n".join(path.read_text() for path in (ROOT / "escalations").rglob("*.py"))
    statements = "\n".join(path.read_text() for path in (ROOT / "escalations/sql").glob("*.sql"))
    told = set(re.findall(r'(?:announce|record)\([^()]*?kind="(\w+)"', code, re.DOTALL))
    told |= set(
        re.findall(r"INSERT INTO escalations_event\b.*?'(\w+)'", statements, re.DOTALL | re.IGNORECASE)
    )
    assert {"claimed", "resolved", "lease_lost"} <= told
    assert told - set(timeline.PASSING) <= set(timeline._SENTENCES)
