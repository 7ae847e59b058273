"""Any life of any case: moves in any order against PostgreSQL, with a small model beside it that must agree.

`--lives=500` plays as many new ones of each kind, `--lives-seed` those of an earlier run again.
"""

import pytest

from agents_api.webhooks import outbox
from operators.live import deltas
from operators.live import rooms as live_pages
from tests.escalations.transitions.lives import PEOPLE, Desk
from tests.escalations.transitions.playing import live, new_seed, without
from tests.escalations.transitions.promises import check
from tests.escalations.transitions.shown import ShownDesk, check_pages

pytestmark = pytest.mark.django_db


def test_any_life_of_any_case_keeps_every_promise():
    live(25, checked=check)


def test_pages_that_stay_open_equal_fresh_ones():
    live(12, kind=ShownDesk, checked=check_pages)


def test_no_new_life_breaks_a_promise(request):
    """Other lives in each run; one that fails is cut down to the moves that matter."""
    chosen = request.config.getoption("--lives-seed") or new_seed()
    live(request.config.getoption("--lives"), kind=ShownDesk, checked=check_pages, chosen_by=chosen)


class LonelyDesk(Desk):
    """A desk of one person, who soon has a case for the second time."""

    def __init__(self) -> None:
        super().__init__()
        self.people = self.people[:1] * PEOPLE


@pytest.mark.parametrize(
    ("part", "moves"),
    [
        # the end of the lease
        (
            r"AND lease_expires_at > statement_timestamp\(\)",
            ["hand_off", "pick", "freeze_past_the_lease", "decide"],
        ),
        # the fence: casts keep the parameter in use elsewhere
        (r"AND lease_token = \$\d+", ["hand_off", "pick", "pick", "release", "decide"]),
    ],
)
def test_without_this_part_a_broken_promise_would_be_noticed(part, moves, monkeypatch):
    without(part, "resolve", monkeypatch)
    with pytest.raises(AssertionError, match="dead lease"):
        live(100, kind=LonelyDesk, moves=moves, checked=check)


def test_a_webhook_that_is_written_anew_would_be_noticed(monkeypatch):
    monkeypatch.setattr(outbox, "_CLAIM", outbox._CLAIM.replace("delivery.body", "delivery.body || ' '"))
    with pytest.raises(AssertionError, match="webhook was changed"):
        live(100, moves=["hand_off", "pick", "decide", "send_webhooks"], checked=check)


@pytest.mark.parametrize(
    ("module", "name", "broken"),
    [
        (live_pages, "UNLISTED", live_pages.UNLISTED | {"claimed"}),  # an event that nobody tells the page
        (deltas, "_changed", lambda before, now: {name: now[name] for name in now.keys() - before.keys()}),
    ],
)
def test_a_page_that_is_told_less_would_be_noticed(module, name, broken, monkeypatch):
    monkeypatch.setattr(module, name, broken)
    with pytest.raises(AssertionError, match="not up to date"):
        live(20, kind=ShownDesk, moves=["hand_off", "pick", "release"], checked=check_pages)
