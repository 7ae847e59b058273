"""What one needs on a phone: all of the top bar in its bar."""

import pytest
from django.db.models.functions import Now
from playwright.sync_api import expect

from escalations import presence
from escalations.models import Availability, Escalation, Notice, NoticeKind
from tests.factories import make_case, make_operator

# What of the top bar is seen, as boxes: each has its own place, in one row, and none is cut off.
_BAR = """() => {
  const bar = document.querySelector(".top").getBoundingClientRect();
  const parts = [...document.querySelectorAll(".top :is(a, button, .pill)")];
  const seen = parts.filter((one) => one.checkVisibility() && one.offsetWidth > 1);
  const boxes = seen.map((one) => one.getBoundingClientRect());
  const isBad = (one, at) => {
    const { left, right, top, bottom } = boxes[at];
    const isOut = left < 0 || right > innerWidth || top < bar.top || bottom > bar.bottom;
    const isOver = at > 0 && left < boxes[at - 1].right - 1;
    return isOut || isOver || (one.scrollWidth > one.clientWidth && one.id !== "bell");
  };
  return seen.filter(isBad).map((one) => one.id || one.textContent.trim());
}"""


@pytest.fixture
def busy(signed_in):
    """The queue page of a person with much to see in the top bar, by the width of the window."""
    operator = make_operator("noor", first_name="Noor", last_name="Haddad")
    for number in range(12):
        make_case(question=f"Refund {number}?")
    late = Escalation.objects.filter(id__in=Escalation.objects.order_by("id").values("id")[:10])
    late.update(due_at=Now())
    Escalation.objects.exclude(id__in=late).update(clock_started_at="2020-01-01T00:00Z")
    for _ in range(101):
        Notice.objects.create(operator=operator, kind=NoticeKind.REPLY, text="The user answered")

    def open_page(width, availability=Availability.AVAILABLE, reason=""):
        presence.set_availability(operator=operator, availability=availability, reason=reason)
        page = signed_in(operator)
        page.set_viewport_size({"width": width, "height": 844})
        page.goto("/?view=all")
        expect(page.locator("#live-badge")).to_have_attribute("data-state", "live")
        return page

    return open_page


@pytest.mark.parametrize("width", [320, 360, 390, 430, 700, 720, 861])
def test_the_top_bar_stays_in_one_row_whatever_is_late(busy, width):
    page = busy(width)
    expect(page.locator("#pulse")).to_have_text("2 at risk 10 breached")
    assert page.evaluate(_BAR) == []


def test_a_long_reason_to_be_away_takes_no_room_from_what_is_late(busy):
    page = busy(390, Availability.AWAY, "Training on the new rules for gift cards")
    expect(page.locator("#availability")).to_contain_text("Away")
    assert page.evaluate(_BAR) == []
