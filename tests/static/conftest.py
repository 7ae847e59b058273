"""What the tests of styles and scripts share."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.static.stage import Stage

# A loaded machine may take its time; what never happens still fails.
PATIENCE = 20_000
expect.set_options(timeout=PATIENCE)


@pytest.fixture
def stage(browser: Browser, settings) -> Iterator[Stage]:
    """An empty stage. Errors in scripts and breaches of the CSP fail the test."""
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}
    settings.ROOT_URLCONF = "tests.static.urls"
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "console",
        lambda entry: faults.append(entry.text) if "Content Security Policy" in entry.text else None,
    )
    yield Stage(page)
    context.close()
    assert not faults
