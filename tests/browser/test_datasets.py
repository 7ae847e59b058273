"""An admin makes a dataset: chooses, sees, builds, downloads, compares, erases; by keyboard where it goes."""

import pytest
from playwright.sync_api import expect

from escalations.datasets import building
from escalations.models import Dataset
from escalations.retention.erasing import carry_out_asked
from tests import factories
from tests.browser.test_axe import ready, violations


@pytest.fixture
def decided(live_server):
    operator = factories.make_operator()
    for number in range(4):
        text = f"Refund number {number} {'again ' * number}to rosa@example.com"
        factories.make_resolved(
            operator, messages=[{"role": "user", "content": text}], metadata={"customer_ref": "C7"}
        )


def built(page):
    """The worker's part, and the page that waited for it."""
    expect(page.get_by_text("Waits for the worker")).to_be_visible()
    building.build_waiting()
    expect(page.get_by_text("sft/train.jsonl")).to_be_visible()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_dataset_is_chosen_built_downloaded_and_erased_from(signed_in, decided, theme):
    page = signed_in(factories.make_admin("boss"))
    page.emulate_media(color_scheme=theme)
    page.goto("/datasets/")
    ready(page)
    page.keyboard.press("m")
    page.get_by_label("Name").fill("refunds")
    expect(page.locator("#row-count")).to_have_text("4")
    page.get_by_label("No", exact=True).check()
    expect(page.locator("#row-count")).to_have_text("0")
    page.get_by_label("No", exact=True).uncheck()
    expect(page.locator("#preview pre").first).to_contain_text("[EMAIL_")
    page.get_by_label("Show as").select_option("kto")
    expect(page.locator("#preview .hint")).to_contain_text("Each proposed turn with a label")
    page.get_by_label("For validation, in percent").fill("0")
    page.get_by_label("For testing, in percent").fill("0")
    assert not violations(page)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="refunds")).to_be_visible()
    assert not violations(page)

    page.keyboard.press("b")
    built(page)
    assert not violations(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="sft/train.jsonl").click()
    rows = download.value.path().read_bytes()
    assert rows.count(b"\n") == 4
    assert b"rosa@" not in rows

    factories.make_resolved(messages=[{"role": "user", "content": "Another one"}])
    page.get_by_role("link", name="All versions").click()
    ready(page)
    page.keyboard.press("b")
    built(page)
    page.keyboard.press("c")
    expect(page.get_by_role("heading", name="refunds: version 2 against 1")).to_be_visible()
    expect(page.locator(".figure", has_text="Came")).to_contain_text("1")
    assert not violations(page)

    page.goto("/erasures/")
    page.get_by_label("Customer").fill("C7")
    page.get_by_label("I know that there is no way back.").check()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("being erased")).to_be_visible()
    carry_out_asked()
    expect(page.get_by_text("4 cases erased")).to_be_visible()
    expect(page.get_by_role("link", name="refunds 1")).to_be_visible()
    assert not violations(page)
    building.build_waiting()
    assert [version.row_count for version in Dataset.objects.get().versions.order_by("number")] == [0, 1]
