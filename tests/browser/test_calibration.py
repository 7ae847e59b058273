"""Calibration of a recorded agent: reported by API, audited by people, looked at in a browser, put to use.

The figures on the page are held against scikit-learn's, over the same audits.
"""

from datetime import timedelta
from itertools import count
from json import dumps
from math import comb, floor

import numpy as np
import pytest
from django.test import Client, override_settings
from playwright.sync_api import Page, expect
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss, precision_recall_curve, roc_auc_score

from escalations.models import Agent, AgentVersion, Policy, Run
from escalations.sla import clocks
from tests import tau_bench
from tests.browser.test_axe import THEMES, ready, violations
from tests.browser.test_screens import SIZES, keep
from tests.factories import claim, decide, make_admin, make_case, make_key, make_queue

# So tall that a picture has the whole page.
TALL = {"wide": {"width": 1440, "height": 2200}, "phone": {"width": 390, "height": 4200}}
needs_runs = pytest.mark.skipif(
    not tau_bench.PATH.exists(), reason=f"no τ-bench trajectories at {tau_bench.PATH}; set TAU_BENCH_PATH"
)


def report_and_audit(operator) -> tuple[AgentVersion, dict[str, bool]]:
    """All 200 runs by the API; two thirds are drawn, posted in full, and labelled by their reward."""
    attempts = {one.run_id: one for one in tau_bench.attempts()}
    # The draw hangs on the agent's id and the key of the desk: these draw the same sample each time.
    agent = Agent.objects.create(pk=2406, name="airline", default_queue=make_queue())
    Policy.objects.create(agent=agent, number=1, rules={"audit_rate": 0.65, "confidence": {"refund": 0.9}})
    headers = {"Authorization": f"Bearer {make_key(agent)}"}
    of_agent = {"name": "airline", "version": "2.3"}
    finished_at = (clocks.database_now() - timedelta(minutes=5)).isoformat()
    runs = [
        {
            "agent": of_agent,
            "run_id": one.run_id,
            "finished_at": finished_at,
            "confidence": one.confidence,
            "confidence_source": "vote",
        }
        for one in attempts.values()
    ]
    with override_settings(SECRET_KEY="the same draw each time"):
        answer = Client().post("/api/v1/runs", {"runs": runs}, "application/json", headers=headers).json()
    assert (answer["accepted"], answer["refused"]) == (200, 0)
    drawn = {run_id: attempts[run_id] for run_id in answer["send_in_full"]}
    for run_id, one in drawn.items():
        case = make_case(agent, kind="review", reason="other", run_id=run_id, messages=one.messages)
        labels = {} if one.is_right else {"agent_correct": "no", "failure_primary": "edge_case"}
        decide(claim(case, operator), "respond", **labels)
    version = AgentVersion.objects.get(agent=agent, name="2.3")
    return version, {run_id: one.is_right for run_id, one in drawn.items()}


def figure(page: Page, title: str) -> str:
    return page.locator(".figure", has=page.locator(f"dt:text-is('{title}')")).locator(".value").inner_text()


def expect_the_figures_of_scikit_learn(page: Page, version: AgentVersion, is_right: dict[str, bool]) -> None:
    """All that the page tells of the sample, computed anew from what was reported and labelled."""
    of_all = dict(Run.objects.filter(agent_version=version).values_list("run_id", "confidence"))
    confidence = np.array([of_all[run_id] for run_id in is_right])
    right = np.array(list(is_right.values()))
    assert figure(page, "Brier score") == f"{brier_score_loss(right, confidence):.3f}"
    assert figure(page, "AUROC") == f"{roc_auc_score(right, confidence):.3f}"
    accuracy, mean = calibration_curve(right, confidence, n_bins=len(right) // 20, strategy="quantile")
    shown = column(page, "Reliability", 3)
    assert shown == [f"{100 * one:.1f}%" for one in accuracy]
    sizes = np.array([int(n) for n in column(page, "Reliability", 5)])
    assert sizes.sum() == len(right)
    assert figure(page, "Calibration error") == f"{sizes @ np.abs(accuracy - mean) / len(right):.3f}"
    precision, _, thresholds = precision_recall_curve(right, confidence)
    risk = dict(zip(column(page, "Risk and coverage", 1), column(page, "Risk and coverage", 3), strict=True))
    for threshold, wrong in risk.items():
        first = np.searchsorted(thresholds, float(threshold))
        assert wrong == f"{100 * (1 - precision[first]):.1f}%"
    threshold, share = by_the_book(
        confidence, right, np.array(list(of_all.values())), alpha=0.35, delta=0.025
    )
    expect(page.locator("#verdict")).to_contain_text(
        f"At a threshold of {threshold} at most 35% of the runs above it are wrong, with 95% confidence; "
        f"{100 * share:.0f}% of all runs would go to people"
    )


def by_the_book(confidence, right, traffic, *, alpha, delta) -> tuple[float, float]:
    """The fixed sequence as labels.md has it, in plain arithmetic: the last threshold that passes."""

    def p(errors: int, n: int) -> float:
        return sum(comb(n, i) * alpha**i * (1 - alpha) ** (n - i) for i in range(errors + 1))

    least = next(n for n in count(3) if p(3, n) <= delta) * 1.1
    ordered = sorted(traffic)
    places = [floor(one / 100 * (len(ordered) - 1)) for one in range(101)]
    passed = None
    for threshold in sorted({floor(ordered[place] * 10_000) / 10_000 for place in places}, reverse=True):
        share = float((traffic < threshold).mean())
        if (1 - share) * len(confidence) < least:
            continue
        above = confidence >= threshold
        if p(int((above & ~right).sum()), int(above.sum())) > delta:
            break
        passed = threshold, share
    assert passed, "The sample was chosen so that a threshold passes."
    return passed


def column(page: Page, chart: str, place: int) -> list[str]:
    """A column of the table behind a chart."""
    card = page.locator(".chart-card", has=page.get_by_role("heading", name=chart, exact=True))
    return card.locator(f"tbody tr > :nth-child({place})").all_text_contents()


def expect_it_to_be_readable(page: Page) -> None:
    """In both themes, wide and on a phone: in its frame, and by the rules of axe."""
    found = {}
    page.locator("summary", has_text="test by test").click()
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)
        for size, window in TALL.items():
            page.set_viewport_size(window)
            keep(page, f"calibration-{theme}-{size}")
        found[theme] = violations(page)
    page.set_viewport_size(SIZES["wide"])
    assert not any(found.values()), dumps(found, indent=1)


def expect_the_scorecard_to_know(page: Page, version: AgentVersion, is_right: dict[str, bool]) -> None:
    """The audits are its rate of failures, and the threshold that was saved is a control that is on."""
    page.goto(f"/figures/scorecards/{version.pk}/")
    wrong = list(is_right.values()).count(False)
    row = page.get_by_role("row", name="Edge case")
    expect(row).to_contain_text(f"{100 * wrong / len(is_right):.1f}%")
    expect(row).to_contain_text(f"{wrong} of {len(is_right)}")
    expect(page.get_by_text("no lower than audits of this version proved").first).to_be_visible()
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)
        keep(page, f"scorecard-{theme}-wide")


@needs_runs
def test_a_recorded_agent_is_calibrated_and_gets_a_threshold_by_keyboard_alone(signed_in):
    admin = make_admin()
    version, is_right = report_and_audit(admin)
    page = signed_in(admin)
    page.goto(f"/figures/calibration/?version={version.pk}&source=vote")
    ready(page)
    expect(page.get_by_text(f"{len(is_right)} audits were judged.")).to_be_visible()
    page.get_by_label("Wrong among the runs above").fill("35")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Saved.")).to_be_visible()
    page.keyboard.press("i")
    expect(page.locator("#verdict")).to_contain_text("At a threshold of")
    expect_the_figures_of_scikit_learn(page, version, is_right)
    expect_it_to_be_readable(page)
    threshold = page.locator("[data-told='threshold']").inner_text()
    page.keyboard.press("w")
    expect(page.get_by_role("slider")).to_be_focused()
    before = page.locator("[data-told='missed']").inner_text()
    page.keyboard.press("Home")
    expect(page.locator("[data-told='share']")).to_have_text("0.0%")
    expect(page.locator("[data-told='missed']")).not_to_have_text(before)
    page.keyboard.press("Escape")
    page.keyboard.press("d")
    expect(page.get_by_label("Why it changes")).to_have_value(
        "Threshold by look 1 at audits: at most 35% wrong"
    )
    expect(page.locator("#trial table").first).to_be_visible()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("In force: number 2")).to_be_visible()
    rules = Policy.objects.get(number=2).rules
    # The category that was stricter stays so.
    assert rules == {"audit_rate": 0.65, "confidence": {"refund": 0.9, "*": float(threshold)}}

    expect_the_scorecard_to_know(page, version, is_right)


def test_without_audits_the_page_says_what_to_do(signed_in):
    page = signed_in(make_admin())
    page.goto("/figures/calibration/")
    expect(page.get_by_role("heading", name="Nothing was audited yet")).to_be_visible()
    assert not violations(page)
