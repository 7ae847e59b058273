"""Every control by its key, and nothing by accident."""

import pytest
from playwright.sync_api import expect

LIST = "".join(
    f'<li class="row" id="case-{n}" data-row><a class="title" href="#{n}">Case {n}</a></li>'
    for n in range(1, 4)
)
PAGE = f"""
<button type="button" data-key="n" data-key-label="Take the next case" id="next">Next <kbd>n</kbd></button>
<form id="form">
<label data-key="a"><input type="radio" name="decision" value="approve"> Approve <kbd>a</kbd></label>
<textarea id="text"></textarea><button data-key="mod+enter">Submit and next</button></form>
<ol data-rows>{LIST}</ol>
"""
# Each action names itself in the title of the page.
ACTIONS = """() => {
  document.getElementById("next").addEventListener("click", () => (document.title = "next"));
  document.getElementById("form").addEventListener("submit", (event) => {
    event.preventDefault();
    document.title = "sent";
  });
}"""


@pytest.fixture
def desk(stage):
    stage.show(PAGE)
    stage.page.evaluate(ACTIONS)
    return stage.page


def test_a_key_clicks_the_element_that_names_it(desk):
    desk.keyboard.press("n")
    expect(desk).to_have_title("next")
    desk.keyboard.press("a")
    expect(desk.get_by_label("Approve")).to_be_checked()


@pytest.mark.parametrize("keys", ["Control+n", "Alt+n", "Shift+N"])
def test_a_modifier_makes_it_another_key(desk, keys):
    before = desk.title()
    desk.keyboard.press(keys)
    expect(desk).to_have_title(before)


def test_letters_typed_into_a_field_stay_there_but_submitting_works(desk):
    before = desk.title()
    desk.locator("#text").click()
    desk.keyboard.type("an")
    expect(desk.locator("#text")).to_have_value("an")
    expect(desk).to_have_title(before)
    desk.keyboard.press("Control+Enter")
    expect(desk).to_have_title("sent")


def test_j_and_k_move_among_the_rows_and_stop_at_the_ends(desk):
    for keys, at in [("j", 1), ("j", 2), ("ArrowDown", 3), ("j", 3), ("k", 2), ("ArrowUp", 1), ("k", 1)]:
        desk.keyboard.press(keys)
        expect(desk.locator(f"#case-{at} a")).to_be_focused()
    desk.keyboard.press("Enter")
    assert desk.url.endswith("#1")


def test_the_help_lists_the_keys_of_the_page(desk):
    desk.keyboard.press("?")
    listed = desk.locator("#help [data-key-list]")
    expect(listed).to_contain_text("Take the next case")
    expect(listed).to_contain_text("Approve")
    desk.keyboard.press("n")
    assert desk.title() != "next"
    desk.keyboard.press("Escape")
    expect(desk.locator("#help")).to_be_hidden()


def test_single_letters_can_be_switched_off_on_every_device(stage, desk):
    stage.answer("/preferences/keys/single/", status=204)
    desk.get_by_role("button", name="Keys").click()
    desk.get_by_label("Single-letter keys are on").uncheck()
    desk.keyboard.press("Escape")
    before = desk.title()
    desk.keyboard.press("n")
    expect(desk).to_have_title(before)
    expect(desk.locator("html[data-keys=off]")).to_have_count(1)
    stage.until(lambda: stage.posts_to("/preferences/keys/single/"))
    [post] = stage.posts_to("/preferences/keys/single/")
    assert post.post_data == "single_keys=off"


def test_in_a_narrow_window_that_may_be_an_enlarged_one_keys_go_on_working(desk):
    desk.set_viewport_size({"width": 640, "height": 400})
    desk.keyboard.press("?")
    expect(desk.locator("#help")).to_be_visible()
