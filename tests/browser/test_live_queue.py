"""An open queue page through an outage of its server."""

from playwright.sync_api import expect

from escalations import transitions
from tests.factories import claim, make_case, make_operator


def rows(page):
    """What the list says, without the clocks that go on by themselves."""
    return page.locator("#queue-list [data-row]").evaluate_all(
        "rows => rows.map(row => [row.id, row.dataset.version, row.className.trim(),"
        " row.querySelector('.meta').innerText, row.querySelector('.title').innerText])"
    )


def test_after_an_outage_the_page_equals_a_fresh_one(signed_in, live_server):
    operator = make_operator()
    gone = make_case(question="Withdrawn meanwhile")
    taken = make_case(question="Taken meanwhile")
    make_case(question="Still there")
    page = signed_in(operator)
    page.goto("/?view=all")
    badge = page.locator("#live-badge")
    expect(badge).to_have_text("live")
    page.mouse.move(0, 0)

    live_server.stop()
    expect(badge).to_have_text("not live")
    transitions.cancel(case_id=gone.id, actor="agent:support")
    claim(taken, make_operator(first_name="Noor", last_name="Haddad"))
    make_case(question="Came meanwhile")
    live_server.start()

    expect(badge).to_have_text("live", timeout=60_000)
    expect(page.get_by_role("link", name="Came meanwhile")).to_be_visible()
    expect(page.get_by_text("held by Noor")).to_be_visible()
    recovered, pills = rows(page), page.locator(".views").inner_text()
    page.reload()
    assert rows(page) == recovered
    assert page.locator(".views").inner_text() == pills
    assert "Withdrawn meanwhile" not in page.content()


def test_counts_and_rows_follow_what_happens(signed_in):
    page = signed_in(make_operator())
    page.goto("/?view=all")
    expect(page.locator("#live-badge")).to_have_text("live")
    page.mouse.move(0, 0)
    case = make_case(question="Now")
    expect(page.get_by_role("link", name="Now")).to_be_visible()
    expect(page.get_by_role("link", name="Support")).to_have_text("Support 1")
    lease = claim(case, make_operator(username="noor"))
    expect(page.get_by_text("held by noor")).to_be_visible()
    transitions.release(lease=lease)
    expect(page.get_by_text("held by noor")).to_be_hidden()
    transitions.cancel(case_id=case.id, actor="agent:support")
    expect(page.get_by_role("heading", name="All clear")).to_be_visible()
    expect(page.get_by_role("link", name="Support")).to_have_text("Support 0")
