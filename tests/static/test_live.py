"""The live connection: what arrives is shown once, in order and without moving what a person is at."""

import pytest
from playwright.sync_api import expect


def row(number: int, version: int = 1, title: str = "") -> str:
    return (
        f'<li class="row" id="case-{number}" data-row data-version="{version}">'
        f'<a class="title" href="/cases/{number}/">{title or f"Case {number}"}</a></li>'
    )


def queue(*rows: str, cursor: int = 10) -> str:
    return (
        f'<section class="queue" id="queue" data-hold data-live-cursor="{cursor}"'
        ' data-live-url="/live/queue/?view=all"'
        ' data-live-refresh="/refresh"><div class="new-slot">'
        '<button class="new" id="new-pill" type="button" hidden></button></div>'
        f'<ol class="rows" data-rows>{"".join(rows)}</ol></section>'
    )


@pytest.fixture
def live(stage):
    stage.show(queue(row(1), row(2)))
    expect(stage.page.locator("#live-badge")).to_have_text("live")
    return stage


def shown(stage) -> list[str]:
    return stage.page.locator("[data-row]").evaluate_all("rows => rows.map(row => row.id)")


def update(stage, *rows: str, generation: int = 1, cursor: int = 11) -> None:
    stage.send(type="html", generation=generation, cursor=str(cursor), html=queue(*rows, cursor=cursor))


def test_the_socket_opens_with_the_cursor_and_the_language_of_the_page(live):
    assert live.sockets[0].url == "ws://desk.test/live/queue/?view=all&language=en&cursor=10"


def test_what_is_new_shows_at_once_when_nobody_is_in_the_list(live):
    update(live, row(3), row(1), row(2))
    expect(live.page.locator("#case-3")).to_be_visible()
    assert shown(live) == ["case-3", "case-1", "case-2"]
    expect(live.page.locator("#new-pill")).to_be_hidden()


def test_an_older_generation_or_cursor_changes_nothing(live):
    update(live, row(1, 2, "newer"), row(2), generation=5, cursor=20)
    update(live, row(1, 9, "old generation"), row(2), generation=4, cursor=20)
    update(live, row(1, 9, "old cursor"), row(2), generation=6, cursor=19)
    update(live, row(1, 3, "newest"), row(2), generation=1, cursor=22)
    expect(live.page.locator("#case-1")).to_have_text("newest")


def test_an_element_never_goes_back_to_an_older_version(live):
    update(live, row(1, 5, "five"), row(2))
    update(live, row(1, 4, "four"), row(2, 2, "told"), generation=2, cursor=12)
    expect(live.page.locator("#case-2")).to_have_text("told")
    expect(live.page.locator("#case-1")).to_have_text("five")


def test_rows_keep_their_places_under_the_pointer_until_the_pill_is_clicked(live):
    live.page.locator("#case-2").hover()
    update(live, row(3), row(2, 2, "changed"), row(1))
    pill = live.page.locator("#new-pill")
    expect(pill).to_have_text("1 new")
    expect(live.page.locator("#case-2")).to_have_text("changed")
    assert shown(live) == ["case-1", "case-2"]
    pill.click()
    expect(pill).to_be_hidden()
    assert shown(live) == ["case-3", "case-2", "case-1"]


def test_a_row_that_left_stays_in_its_place_as_gone_while_focus_is_in_the_list(live):
    live.page.locator("#case-2 a").focus()
    update(live, row(2))
    expect(live.page.locator("#case-1[data-gone]")).to_be_visible()
    expect(live.page.locator("#case-2 a")).to_be_focused()
    live.page.evaluate("document.activeElement.blur()")
    expect(live.page.locator("#case-1")).to_have_count(0)


def test_what_waited_shows_when_the_pointer_leaves(live):
    live.page.locator("#case-1").hover()
    update(live, row(3), row(1), row(2))
    expect(live.page.locator("#new-pill")).to_be_visible()
    live.page.mouse.move(1279, 799)
    live.page.locator(".brand").hover()
    expect(live.page.locator("#case-3")).to_be_visible()
    expect(live.page.locator("#new-pill")).to_be_hidden()


def test_rows_that_did_not_change_are_only_named(live):
    named = queue("<!--row case-3--><!--row case-1-->", cursor=11)
    live.send(type="html", generation=1, cursor="11", html=named, rows={"case-1": row(1), "case-3": row(3)})
    expect(live.page.locator("#case-3")).to_be_visible()
    named = queue("<!--row case-1--><!--row case-3-->", cursor=12)
    live.send(type="html", generation=2, cursor="12", html=named, rows={"case-3": row(3, 2, "$& changed")})
    expect(live.page.locator("#case-3")).to_have_text("$& changed")
    assert shown(live) == ["case-1", "case-3"]


def test_a_ping_is_answered(live):
    live.send(type="ping")
    update(live, row(1, 2, "after"), row(2))
    expect(live.page.locator("#case-1")).to_have_text("after")
    assert live.sent == [{"type": "pong"}]


@pytest.mark.parametrize("code", [1000, 1001, 1011, 1012, 3000])
def test_every_other_close_reconnects_with_the_last_cursor(live, code):
    update(live, row(1, 2, "seen"), row(2), cursor=15)
    expect(live.page.locator("#case-1")).to_have_text("seen")
    live.sockets[0].close(code=code)
    live.until(lambda: len(live.sockets) == 2)
    assert live.sockets[1].url.endswith("cursor=15")
    expect(live.page.locator("#live-badge")).to_have_text("live")


def test_the_badge_says_not_live_while_the_line_is_down(stage):
    stage.page.clock.install()
    stage.show(queue(row(1)))
    badge = stage.page.locator("#live-badge")
    expect(badge).to_have_text("live")
    stage.stop_the_clock()
    stage.sockets[0].close(code=1011)
    expect(badge).to_have_text("not live")
    stage.page.clock.fast_forward(1000)
    expect(badge).to_have_text("live")


def test_a_minute_of_silence_is_a_dead_line(stage):
    stage.page.clock.install()
    stage.show(queue(row(1)))
    expect(stage.page.locator("#live-badge")).to_have_text("live")
    stage.stop_the_clock()
    heard = len(stage.sent)
    stage.send(type="ping")
    stage.until(lambda: len(stage.sent) > heard or stage.page.clock.run_for(10))
    stage.page.clock.fast_forward(59_000)
    assert len(stage.sockets) == 1
    stage.page.clock.fast_forward(3_000)
    stage.page.clock.resume()
    expect(stage.page.locator("#live-badge")).to_have_text("live")
    assert len(stage.sockets) == 2


def test_a_session_that_ended_leads_to_the_sign_in(live):
    live.answer("/accounts/login/", body="Sign in")
    live.sockets[0].close(code=4401)
    live.page.wait_for_url("**/accounts/login/?next=%2F")


def test_a_refused_view_says_so_and_does_not_try_again(live):
    live.sockets[0].close(code=4403)
    expect(live.page.locator("#live-badge")).to_have_text("no access")
    assert len(live.sockets) == 1


def test_a_resync_fetches_the_part_once(live):
    live.answer("/refresh", body=queue(row(7), cursor=40))
    live.send(type="resync")
    expect(live.page.locator("#case-7")).to_be_visible()
    assert live.page.locator("#queue").get_attribute("data-live-cursor") == "40"


def test_a_lease_message_is_told_to_the_page(live):
    live.page.evaluate(
        "document.addEventListener('handrail:lease', event => (document.title = event.detail.text))"
    )
    live.send(type="lease", held=False, text="Kim has it now.")
    expect(live.page).to_have_title("Kim has it now.")
