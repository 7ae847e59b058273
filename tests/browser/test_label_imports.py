"""Labels that were made elsewhere: a file is sent by keyboard, read, and what was refused is shown."""

import json

from playwright.sync_api import expect

from escalations.labels import label_import
from escalations.reviews.line import in_force
from tests.browser.test_axe import THEMES, violations
from tests.browser.test_screens import SIZES, keep
from tests.factories import claim, decide, make_admin, make_case, make_operator


def test_a_file_of_labels_is_sent_read_and_reported(signed_in):
    decided = decide(claim(make_case(steps=[{"name": "search"}]), make_operator()))
    lines = [
        json.dumps({"resolution": str(decided.id), "labels": labels})
        for labels in ({"note": "From elsewhere."}, {"first_error_index": 7}, {"agent_correct": "maybe"})
    ]
    file = {"name": "labels.jsonl", "mimeType": "application/jsonl", "buffer": "\n".join(lines).encode()}
    page = signed_in(make_admin("boss"))
    page.goto("/datasets/")
    page.keyboard.press("i")
    expect(page.get_by_role("heading", name="Import labels")).to_be_visible()

    page.get_by_label("File", exact=True).set_input_files(file)
    page.get_by_label("Where the labels come from").fill("Vendor, batch 3")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("status").filter(has_text="Waits for the worker.")).to_be_visible()
    label_import.read_waiting()

    expect(page.get_by_text("There is no such step.")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="/labels/agent_correct")).to_be_visible()
    assert in_force(decided).note == "From elsewhere."
    with page.expect_download() as taken:
        page.keyboard.press("d")
    assert "-refused-" in taken.value.suggested_filename
    for name, address in {"label-import": page.url, "label-imports": "/datasets/labels/"}.items():
        page.goto(address)
        for theme in THEMES:
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            assert violations(page) == []
            for size, viewport in SIZES.items():
                page.set_viewport_size(viewport)
                keep(page, f"{name}-{theme}-{size}")
