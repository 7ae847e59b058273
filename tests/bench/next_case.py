"""How soon the next case is on the screen after a decision, in a real browser with the desk's own marks."""

import os
from contextlib import ExitStack

from playwright.sync_api import Page, expect, sync_playwright

from tests.bench.desk import Desk
from tests.bench.machine import Machine
from tests.bench.report import Figure, median, percentile
from tests.bench.rows import add_queued
from tests.servers import find_browser

WARM_UPS, DECISIONS = 5, 40
# A person reads before they decide; what the page loads afterwards is not what is measured.
READING_MS = 400
# Between the choice and the label: the next case is rendered ahead meanwhile.
DECIDING_MS = 300
MOST_MS = 150
_MARKS = "performance.getEntriesByName('next case painted').map(entry => entry.duration)"


def measure(machine: Machine, desk: Desk) -> list[Figure]:
    """Time from the key that submits to the first frame with the next case."""
    with ExitStack() as stack:
        machine.copy("next_case", of=desk.database)
        add_queued(machine.url("next_case"), desk, WARM_UPS + DECISIONS + 1)
        url, _ = stack.enter_context(machine.live("next_case"))
        playwright = stack.enter_context(sync_playwright())
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=find_browser(), args=sandbox)
        stack.callback(browser.close)
        context = browser.new_context(base_url=url, viewport={"width": 1440, "height": 960})
        context.add_cookies([{"name": "sessionid", "value": desk.sessions[0], "url": url}])
        page = context.new_page()
        answers: list[str] = []
        page.on("response", lambda answer: answers.append(answer.headers.get("handrail-ahead", "")))
        times = _times(page)
        ahead = sum("T" in end for end in answers)  # a time: the claim was won
    how = (
        f"p95 of {len(times)}, median {median(times):.0f} ms, {ahead} cases were rendered ahead; Chromium "
        f"and servers on one machine, load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    )
    return [Figure.at_most("next case painted", "ms", percentile(times, 0.95), MOST_MS, how)]


def _times(page: Page) -> list[float]:
    """Milliseconds of each decision, made by keyboard."""
    page.goto("/")
    expect(page.locator("#live-badge")).to_have_attribute("data-state", "live")
    page.keyboard.press("n")
    shown = ""
    for _ in range(WARM_UPS + DECISIONS):
        expect(page.locator("#ask")).not_to_have_text(shown)
        shown = page.locator("#ask").inner_text()
        page.wait_for_timeout(READING_MS)
        page.keyboard.press("t")
        page.wait_for_timeout(DECIDING_MS)
        page.evaluate("document.activeElement.blur()")  # in the field for the customer, keys are words
        for key in ("1", "Control+Enter"):
            page.keyboard.press(key)
    expect(page.locator("#ask")).not_to_have_text(shown)
    page.wait_for_timeout(READING_MS)
    return list(page.evaluate(_MARKS))[WARM_UPS:]
