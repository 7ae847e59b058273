import json
from datetime import timedelta
from itertools import islice

import pytest
from django.db.models.functions import Now

from escalations import transitions
from escalations.datasets import FORMATS, Selection, batches
from escalations.models import Escalation, Resolution
from tests import factories

pytestmark = pytest.mark.django_db


def count(format_name="sft", **filters):
    return len(list(Selection(FORMATS[format_name], **filters).rows()))


def resolve_many(number):
    agent, operator = factories.make_agent(), factories.make_operator()
    for _ in range(number):
        factories.make_resolved(operator, agent=agent)


def test_rows_come_in_batches_each_exactly_once(monkeypatch):
    monkeypatch.setattr(batches, "BATCH", 3)
    resolve_many(7)
    Resolution.objects.update(created_at=Resolution.objects.latest("created_at").created_at)

    ids = [number for number, _ in Selection(FORMATS["sft"]).rows()]

    assert ids == sorted(Resolution.objects.values_list("id", flat=True))


def test_large_handoffs_come_fewer_at_a_time_and_none_is_left_out(monkeypatch):
    agent, operator = factories.make_agent(), factories.make_operator()
    for words in (10, 2000, 10, 10, 400, 400):
        said = [{"role": "user", "content": "Please. " * words}]
        factories.make_resolved(operator, agent=agent, messages=said)
    monkeypatch.setattr(batches, "BATCH_BYTES", 8000)

    found = batches.in_batches(Resolution.objects.all())
    read = [[len(resolution.case.handoff.body) for resolution in batch] for batch in found]

    assert [len(batch) for batch in read] == [1, 1, 3, 1]
    assert max(sum(batch) for batch in read if len(batch) > 1) <= 8000


def test_a_batch_costs_four_queries_however_many_rows_it_has(django_assert_num_queries):
    resolve_many(5)

    with django_assert_num_queries(5):  # which come, these, their turns and revisions; that none comes
        assert count() == 5


def test_the_first_line_needs_no_more_than_the_first_batch(monkeypatch, django_assert_max_num_queries):
    monkeypatch.setattr(batches, "BATCH", 2)
    resolve_many(6)

    with django_assert_max_num_queries(8):  # one batch for the two rows in front, one for the others
        assert len(list(islice(FORMATS["sft"].chunks(Selection(FORMATS["sft"]).rows), 1))) == 1


def test_filters_by_agent_version_and_time():
    billing = factories.make_agent("billing")
    factories.make_resolved()
    factories.make_resolved(agent=billing)
    latest = factories.make_resolved(agent=billing)
    moment = latest.resolutions.get().created_at

    assert count() == 3
    assert count(agent="billing") == 2
    assert count(agent="billing", version="2.3") == 2
    assert count(version="9.9") == 0
    assert count(since=moment) == 1
    assert count(until=moment) == 2
    assert count(since=moment + timedelta(seconds=1)) == 0


def test_what_was_decided_again_is_exported_once():
    operator = factories.make_operator()
    case = factories.make_resolved(operator)
    transitions.reopen(case_id=case.id, operator=operator, reason="The user wrote again.")
    assert count() == 0
    factories.decide(factories.claim(case, operator), "edit", disposition="edit")
    assert count() == 1


def test_audits_and_what_can_still_be_undone_do_not_leave():
    operator = factories.make_operator()
    factories.make_resolved(operator, "respond", kind="review")
    open_to_undo = factories.make_resolved(operator)
    Escalation.objects.filter(pk=open_to_undo.pk).update(dispatch_at=Now() + timedelta(seconds=5))
    assert (count(), count("parquet")) == (0, 0)
    Escalation.objects.filter(pk=open_to_undo.pk).update(dispatch_at=Now())
    assert (count(), count("parquet")) == (1, 1)


def test_approvals_have_no_pair_and_corrections_that_change_nothing_neither():
    operator = factories.make_operator()
    factories.make_resolved(operator)
    factories.decide(factories.claim(factories.make_case(), operator), "edit", disposition="edit")

    assert Selection(FORMATS["preference"]).resolutions().count() == 1
    assert count("preference") == 0
    assert count("sft") == 2


def test_each_line_is_one_json_object():
    resolve_many(3)

    rows = [json.loads(line) for line in FORMATS["sft"].chunks(Selection(FORMATS["sft"]).rows)]

    assert [list(row) for row in rows] == [["messages", "tools", "parallel_tool_calls"]] * 3
