"""Words into the index, and cases found by them: newest first, within rights, common words and rare ones."""

from itertools import product

import pytest
from django.db import connection

from escalations import events, sweeps, transitions
from escalations.models import Bookmark, CaseText, Escalation, Handoff, Queue
from escalations.search import indexing
from escalations.search import queries as search
from escalations.search.queries import Words
from tests.factories import claim, make_admin, make_agent, make_case, make_operator, make_queue, make_resolved
from tests.plans import copy_case

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def first_pass(db):
    """The index keeps up from here on."""
    indexing.index_pending()


def headlines(ids):
    known = dict(Escalation.objects.values_list("id", "headline"))
    return [known[one] for one in ids]


def found(text, operator=None, limit=50):
    sweeps.sweep_words()
    return headlines(search.search(operator or make_admin(), text, limit))


def said(*texts, role="user"):
    return [{"role": role, "content": text} for text in texts]


def test_a_case_is_found_by_what_was_asked_told_and_said():
    make_case(question="A refund?", summary="The parcel vanished", messages=said("It was a gift"))
    make_case(question="Something else")
    for word in ("refund", "PARCEL", "gift", "parcel gift", "refund -charge"):
        assert found(word) == ["A refund?"]
    assert found("pigeon") == []


def test_what_tools_were_asked_and_answered_is_found_but_not_the_instructions():
    call = {"type": "function", "id": "c", "function": {"name": "get", "arguments": '{"id": "W2378156"}'}}
    make_case(
        question="One",
        messages=[
            *said("Never mention pelicans", role="system"),
            {"role": "user", "content": [{"type": "text", "text": "Where is my kayak?"}]},
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "c", "content": "lost in Rotterdam"},
        ],
    )
    for word in ("W2378156", "kayak", "rotterdam"):
        assert found(word) == ["One"]
    assert found("pelicans") == []


def test_the_word_typed_last_may_go_on():
    make_case(question="Refundable ticket")
    assert found("refun") == ["Refundable ticket"]
    assert found("ticket refun") == ["Refundable ticket"]
    assert found("refun ticket") == []
    assert found("ref-") == ["Refundable ticket"]
    assert found("re") == []


def test_an_address_is_found_while_it_is_typed():
    make_case(question="Mail", messages=said("Write to anna.lee@example.com"))
    for typed in ("anna", "anna.l", "anna.lee@exa", "anna.lee@example.com"):
        assert found(typed) == ["Mail"]


def test_quotes_keep_words_together_and_or_means_either():
    make_case(question="red shoe")
    make_case(question="shoe red")
    assert found('"red shoe"') == ["red shoe"]
    assert found("pigeon or shoe") == ["shoe red", "red shoe"]


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "!!!",
        "'",
        "\\",
        "a'b\\c:*",
        "&|!()<->",
        '"',
        "\0",
        "-",
        "x" * 999,
        "#1",
        "''':*",
        "é" * 300,
    ],
)
def test_nothing_that_is_typed_is_an_error(typed):
    make_case(question="Something")
    assert found(typed) == []


def test_the_newest_come_first_and_no_more_than_wanted():
    for number in range(5):
        make_case(question=f"refund {number}")
    assert found("refund", limit=3) == ["refund 4", "refund 3", "refund 2"]


@pytest.mark.parametrize("looked_at", [2, 400])
def test_a_person_finds_only_what_they_may_see(monkeypatch, looked_at):
    monkeypatch.setattr(search, "_LOOKED_AT", looked_at)
    billing = make_queue("billing")
    make_case(make_agent("other", queue=billing), question="refund in billing")
    make_case(question="refund in support")
    make_resolved(question="refund resolved")
    for _ in range(3):
        make_case(make_agent("other"), question="newer")
    assert found("refund", make_operator()) == ["refund resolved", "refund in support"]
    assert found("refund", make_operator(queues=[billing])) == ["refund in billing"]
    assert found("refund", make_operator(queues=[])) == []
    assert len(found("refund", make_admin(queues=[]))) == 3


def open_ones(text, **narrowed):
    sweeps.sweep_words()
    return headlines(search.find(text, sees_all=True, queues=[], everywhere=False, limit=50, **narrowed))


@pytest.mark.parametrize("looked_at", [1, 400])
def test_open_cases_alone_can_be_searched_and_narrowed(monkeypatch, looked_at):
    monkeypatch.setattr(search, "_LOOKED_AT", looked_at)
    make_resolved(question="refund resolved")
    make_case(question="refund asked", kind="question")
    make_case(question="refund urgent", routing={"priority": "urgent"})
    make_case(make_agent("shop", queue=make_queue("billing")), question="refund sold")
    make_case(question="something")
    assert open_ones("refund") == ["refund sold", "refund urgent", "refund asked"]
    assert open_ones("refund", kind="question") == ["refund asked"]
    assert open_ones("refund", priority=0) == ["refund urgent"]
    assert open_ones("refund", agent="shop") == ["refund sold"]
    assert open_ones("refund", queue="billing") == ["refund sold"]
    assert open_ones("refund", skill="fr") == []


def test_turns_that_arrive_later_are_found():
    case = make_case(question="One")
    assert found("zebra") == []
    transitions.add_message(case_id=case.id, messages=said("It was a zebra"), actor="agent:support")
    assert found("zebra") == ["One"]


def test_a_case_that_moved_is_found_in_its_new_queue_only(monkeypatch):
    monkeypatch.setattr(search, "_LOOKED_AT", 1)
    billing = make_queue("billing")
    case = make_case(question="refund")
    make_case(question="newer")
    sweeps.sweep_words()
    lease = claim(case, make_operator())
    transitions.transfer(lease=lease, to_queue=billing, note="Theirs.")
    assert found("refund", make_operator(queues=[billing])) == ["refund"]
    assert found("refund", make_operator()) == []


@pytest.mark.django_db(transaction=True)
def test_cases_from_before_the_first_pass_are_written_from_the_newest_down_open_ones_first():
    make_resolved(question="old resolved")
    make_case(question="old open")
    for number in range(3):
        make_resolved(question=f"resolved {number}")
    CaseText.objects.all().delete()
    Bookmark.objects.all().delete()
    order = []
    while indexing.index_pending(2):
        done = CaseText.objects.values_list("case__headline", flat=True)
        order += sorted(set(done) - set(order))
    assert order == ["old open", "resolved 1", "resolved 2", "resolved 0", "old resolved"]
    assert Bookmark.objects.get(name="words backlog").place == ""


def test_a_pass_that_broke_off_is_made_up_for(monkeypatch):
    cases = [make_case(question=f"refund {number}") for number in range(4)]
    monkeypatch.setattr(indexing, "BATCH", 2)
    written = []

    def breaking(rows):
        if written:
            raise KeyboardInterrupt
        written.extend(rows)
        indexing._insert(rows)

    with monkeypatch.context() as patched:
        patched.setattr(indexing, "_write", breaking)
        with pytest.raises(KeyboardInterrupt):
            indexing.index_pending()
    assert CaseText.objects.count() == 2
    assert indexing.index_pending() == 2  # and not those of before again
    assert CaseText.objects.filter(case__in=cases).count() == 4
    assert indexing.index_pending() == 0


def test_a_database_that_was_copied_to_another_server_starts_over():
    make_case(question="refund")
    Bookmark.objects.filter(name="words").update(place="999999999999:999999999999:")
    assert found("refund") == ["refund"]
    assert events.Position.parse(Bookmark.objects.get(name="words").place).end < 999999999999


def test_a_text_without_end_is_cut_and_keeps_nothing_else_from_being_written():
    words = " ".join(f"w{number:x}" for number in range(60_000))
    make_case(question="long", messages=said("beginning " + "ä" * 5000, words, "the end"))
    make_case(question="short")
    assert found("end") == ["long"]
    assert found("beginning") == []
    assert found("short") == ["short"]


def test_what_the_database_refuses_leaves_the_case_without_its_text(monkeypatch):
    monkeypatch.setattr(indexing, "LONGEST", 10_000_000)
    words = " ".join(f"{number:09x}" for number in range(120_000))
    case = make_case(question="too much")
    Handoff.objects.filter(case=case).update(
        normalised_messages='[{"role": "user", "content": "' + words + '"}]'
    )
    make_case(question="short")
    assert found("short") == ["short"]
    assert CaseText.objects.filter(case=case).exists()


def test_no_text_can_pretend_to_be_in_a_queue():
    queue = Queue.objects.get(name="support") if Queue.objects.exists() else make_queue()
    billing = make_queue("billing")
    make_case(make_agent("other", queue=billing), question=f"secret #{queue.id} {search.mark(queue.id)}")
    assert found("secret", make_operator()) == []


@pytest.mark.parametrize("everywhere", [True, False])
def test_nothing_but_words_to_leave_out_is_looked_for_among_the_newest(monkeypatch, everywhere):
    monkeypatch.setattr(search, "_LOOKED_AT", 2)
    for words in ("oldest", "refund", "newest"):
        make_case(question=words)
    sweeps.sweep_words()
    ids = search.find("-refund", sees_all=True, queues=[], everywhere=everywhere, limit=50)
    assert headlines(ids) == ["newest"]


# Ids as of one case a day in ten years, the newest first in the order of numbers.
_TIME = "lpad(to_hex((extract(epoch FROM now() - number * interval '1 day') * 1000)::bigint), 12, '0')"
_SPREAD_ID = f"(left({_TIME}, 8) || '-' || right({_TIME}, 4) || right(gen_random_uuid()::text, 23))::uuid"
_WORDS = """
    INSERT INTO escalations_casetext (case_id, words)
    SELECT id, array_to_tsvector(array_remove(ARRAY[
        '#' || queue_id, 'every',
        CASE WHEN number > 2000 THEN 'older' END,
        CASE WHEN number % 50 = 0 THEN 'scattered' END,
        CASE WHEN number > 3640 THEN 'oldest' END,
        CASE WHEN number % 7 = 0 AND number > 300 THEN 'sevenths' END], NULL))
    FROM (SELECT id, queue_id, row_number() OVER (ORDER BY id DESC) AS number
          FROM escalations_escalation WHERE headline = 'history') numbered
"""


def with_word(word, queue=None):
    """The ids of all cases with the word, the newest first, found without an index."""
    texts = CaseText.objects.extra(where=["words::text LIKE %s"], params=[f"%'{word}'%"])
    texts = texts.filter(case__queue=queue) if queue else texts
    return sorted(texts.values_list("case_id", flat=True), reverse=True)


@pytest.mark.parametrize("sampled", [1, 3, 8])
def test_the_newest_of_a_long_history_are_found_however_they_lie_in_it(monkeypatch, sampled):
    monkeypatch.setattr(search, "_LOOKED_AT", 10)
    monkeypatch.setattr(search, "_SAMPLED", sampled)
    case, billing = make_case(question="history"), make_queue("billing")
    copy_case(
        case.id,
        3650,
        id=_SPREAD_ID,
        queue_id=f"CASE mod(number, 3) WHEN 0 THEN {billing.pk} ELSE queue_id END",
        state="CASE WHEN mod(number, 10) = 0 OR number < 100 THEN 'queued' ELSE 'cancelled' END",
        closed_at="CASE WHEN mod(number, 10) = 0 OR number < 100 THEN NULL ELSE now() END",
    )
    with connection.cursor() as cursor:
        cursor.execute(_WORDS)
    still_open = set(Escalation.objects.open().values_list("id", flat=True))
    for word, limit in product(("every", "older", "scattered", "oldest", "sevenths", "none"), (5, 50, 500)):
        for rights in ({"sees_all": True, "queues": []}, {"sees_all": False, "queues": [billing.pk]}):
            right = with_word(word, None if rights["sees_all"] else billing)
            assert search.find(word, everywhere=True, limit=limit, **rights) == right[:limit]
            right = [one for one in right if one in still_open]
            assert search.find(word, everywhere=False, limit=limit, **rights) == right[:limit]


def test_words_are_read_as_postgresql_takes_them():
    assert Words.of("late refund") == Words("late", "'refund':*")
    assert Words.of("it's") == Words("", "'it''s':*")
    assert Words.of('"late refund"') == Words('"late refund"', "")
    assert Words.of("refund -late") == Words("refund -late", "")
