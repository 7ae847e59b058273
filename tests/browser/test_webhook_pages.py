"""The settings of webhooks in the browser: a test event and its result, at the width of a phone."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from playwright.sync_api import expect

from agents_api.webhooks import delivery
from tests.agents_api.webhooks.conftest import make_endpoint
from tests.agents_api.webhooks.receiver import Receiver
from tests.factories import make_admin


def deliver() -> int:
    try:
        return delivery.deliver_due()
    finally:
        connections.close_all()


@pytest.fixture
def page(signed_in, settings):
    settings.WEBHOOKS_MAY_REACH_PRIVATE_ADDRESSES = True
    page = signed_in(make_admin("boss"))
    page.set_viewport_size({"width": 390, "height": 844})
    return page


def test_a_test_event_is_sent_and_its_result_appears_by_itself(page):
    with Receiver() as receiver, ThreadPoolExecutor(1) as worker:
        endpoint = make_endpoint(receiver.url)
        page.goto(f"/admin/agents_api/webhookendpoint/{endpoint.pk}/change/")
        page.get_by_role("button", name="Send test event").focus()
        page.keyboard.press("Enter")
        expect(page.locator("#tests")).to_contain_text("On its way")
        assert worker.submit(deliver).result() == 1
        expect(page.locator("#tests")).to_contain_text("Delivered")
        expect(page.locator("#tests")).to_contain_text("204")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        for button in page.locator(".object-tools :is(a, button, input:not([type=hidden]))").all():
            assert button.bounding_box()["height"] >= 24
