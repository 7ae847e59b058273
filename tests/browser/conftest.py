"""A browser on the real server, and people who are signed in."""

from collections.abc import Callable

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, expect

from escalations.models import Operator
from tests.servers import Server

# A loaded machine may take its time; what never happens still fails.
expect.set_options(timeout=20_000)


@pytest.fixture
def signed_in(browser_page: Page, live_server: Server) -> Callable[[Operator], Page]:
    """Give the browser the session of a person, without the form and its slow hash."""

    def sign_in(operator: Operator) -> Page:
        client = Client()
        client.force_login(operator)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        browser_page.context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}]
        )
        return browser_page

    return sign_in
