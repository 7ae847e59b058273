"""A browser on the real server, and people who are signed in."""

from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Keyboard, Page, expect

from escalations.models import Operator
from tests.servers import Server

# A loaded machine may take its time; what never happens still fails.
expect.set_options(timeout=20_000)


@pytest.fixture(scope="session", autouse=True)
def keys_for_loaded_pages() -> Iterator[None]:
    """Let keys wait for their page, as people do: it may show its words before its scripts listen."""
    keyboard = Page.keyboard

    def when_loaded(page: Page) -> Keyboard:
        page.wait_for_load_state()
        return keyboard.fget(page)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Page, "keyboard", property(when_loaded))
        yield


@pytest.fixture
def signed_in(browser_page: Page, live_server: Server) -> Callable[[Operator], Page]:
    """Give the browser the session of a person, without the form and its slow hash."""

    def sign_in(operator: Operator) -> Page:
        _sign_in(browser_page, operator, live_server)
        return browser_page

    return sign_in


@pytest.fixture
def another_browser(browser: Browser, live_server: Server) -> Iterator[Callable[[Operator], Page]]:
    """A browser more each time, with the session of a person. Errors in scripts fail the test."""
    contexts = []
    faults: list[str] = []

    def open_another(operator: Operator) -> Page:
        contexts.append(browser.new_context(base_url=live_server.url))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        _sign_in(page, operator, live_server)
        return page

    yield open_another
    for context in contexts:
        context.close()
    assert not faults


def _sign_in(page: Page, operator: Operator, server: Server) -> None:
    client = Client()
    client.force_login(operator)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": server.url}])
