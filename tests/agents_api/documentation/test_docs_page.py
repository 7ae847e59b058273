"""The browsable page in a real browser, under the desk's content security policy."""

from playwright.sync_api import ConsoleMessage, Page, Request, expect

from tests.servers import Server


def test_the_page_works_without_other_hosts_or_complaints(live_server: Server, browser_page: Page):
    complaints: list[str] = []
    asked: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            complaints.append(message.text)

    def follow(request: Request) -> None:
        asked.append(request.url)

    browser_page.on("console", note)
    browser_page.on("request", follow)
    browser_page.goto(f"{live_server.url}/api/v1/docs")
    browser_page.get_by_role("button", name="post /api/v1/handoffs", exact=True).click()

    expect(browser_page.get_by_text("Repeat a request that got no answer")).to_be_visible()
    assert complaints == []
    assert [url for url in asked if not url.startswith((live_server.url, "data:"))] == []
