"""Answers that cost more than they are worth, because the agent went round and round."""

from demo.writing import Scenario, action, fields, known, says, scenario, tool, usage, user
from escalations.models import FailureMode

_MODE = FailureMode.COST

three_dollars_for_a_date = scenario(
    "billing",
    _MODE,
    [
        user("When was invoice INV-2025-1804 due?"),
        tool("search_invoices", {"query": "INV-2025-1804 due date"}, {"hits": 0}),
        tool("search_invoices", {"query": "1804"}, {"hits": 214, "page": 1, "pages": 22}),
        tool("read_page", {"page": 1}, {"rows": 10, "match": False}),
        tool("read_page", {"page": 2}, {"rows": 10, "match": False}),
        tool("read_page", {"page": 3}, {"rows": 10, "match": True, "id": "INV-2025-1804"}),
        tool("get_invoice", {"invoice": "INV-2025-1804"}, {"invoice": "INV-2025-1804", "due": "2025-10-14"}),
        says("Your invoice INV-2025-1804 was due on 14 October 2025."),
    ],
    kind="review",
    reason="budget",
    category="invoice_lookup",
    summary="The answer is right, but a lookup by number cost $3.02 and three minutes of searching.",
    question="$3.02 and 190 seconds for one due date: what should the agent have done?",
    confidence=(0.97, "self_report"),
    priority="low",
    suggestions=[{"content": "Your invoice INV-2025-1804 was due on 14 October 2025.", "confidence": 0.97}],
    context=known({"invoice": "INV-2025-1804", "due": "14 October 2025"}),
    usage=usage(1, 48_211, "3.02", 190, 3),
)  # fmt: skip

fourteen_searches = scenario(
    "support",
    _MODE,
    [
        user("Does the Aster lamp work with the 2019 dimmer, the one with the grey wheel?"),
        tool("search_articles", {"query": "Aster dimmer"}, {"articles": [12, 40, 41]}),
        tool("search_articles", {"query": "Aster lamp dimmer compatible"}, {"articles": [12, 40, 41]}),
        tool("search_articles", {"query": "Aster 2019 dimmer"}, {"articles": [40]}),
        tool("search_articles", {"query": "grey wheel dimmer"}, {"articles": []}),
        tool("search_articles", {"query": "dimmer compatibility list"}, {"articles": [41, 12]}),
        tool("search_articles", {"query": "Aster dimmer"}, {"articles": [12, 40, 41]}),
        tool("search_articles", {"query": "Aster dimmer 2019 grey"}, {"articles": []}),
        says("I'm still looking for this, one more moment."),
        user("It's fine if you don't know."),
    ],
    kind="question",
    reason="loop_detected",
    category="compatibility",
    summary="Fourteen searches for a compatibility that no article mentions. The agent does not stop by itself.",
    question="Does the Aster work with the 2019 dimmer DW-1 (grey wheel)?",
    confidence=(0.29, "heuristic"),
    skills=["hardware"],
    priority="low",
    response_schema=fields({"compatible": {"enum": ["yes", "no", "only with adapter", "unknown"]}},
                           note={"type": "string"}),
    context=known({"lamp": "Aster", "dimmer": "2019, grey wheel (DW-1)"}, [], {"answer": "honest is fine"}),
    usage=usage(2, 22_500, "0.97", 166, 14),
)  # fmt: skip

four_hundred_fares = scenario(
    "travel",
    _MODE,
    [
        user("Zürich to Oslo on the 9th, back on the 12th, in the morning both ways please."),
        tool("search_flights", {"from": "ZRH", "to": "OSL", "out": "2026-06-09", "back": "2026-06-12"},
               {"offers": 412, "best_morning": {"id": "O-17", "total": "CHF 284"}}),
        says("I have a good one for CHF 284. Let me see if there is something better."),
        tool("price_combinations", {"offers": 412}, {"priced": 200, "best": "CHF 281", "cost_usd": 1.1}),
        tool("price_combinations", {"offers": 212}, {"priced": 212, "best": "CHF 276", "cost_usd": 1.3}),
        says("After comparing 412 combinations I can offer CHF 276, with an evening flight on the way out."),
        user("I asked for mornings…"),
    ],
    kind="approval",
    reason="budget",
    category="booking",
    summary="Spent $3.40 to save CHF 8, and the cheaper offer is not in the morning.",
    question="Book the evening offer for CHF 276 instead of the morning one for CHF 284?",
    confidence=(0.74, "self_report"),
    actions=[
        action("book_itinerary", {"offer": "O-388", "total": "276.00", "currency": "CHF"},
               fields({"offer": {"enum": ["O-17", "O-388"]}, "total": {"type": "string"},
                       "currency": {"enum": ["CHF", "EUR"]}}),
               why="Books and charges the card on file.", risk="medium"),
    ],
    context=known({"morning offer": "O-17, CHF 284", "cheapest": "O-388, CHF 276, evening"}, [],
                  {"departure": "morning both ways"}),
    usage=usage(3, 61_800, "3.40", 214, 2),
    later=("O-17 would be perfect.",),
)  # fmt: skip

label_that_never_came = scenario(
    "support",
    _MODE,
    [
        user("I still haven't got the return label. Third time asking."),
        tool("send_label", {"order": "HL-58110"}, {"status": "sent", "to": "j.moss@example.con"}),
        says("I've sent it again."),
        user("Nothing. Also not in spam."),
        tool("send_label", {"order": "HL-58110"}, {"status": "sent", "to": "j.moss@example.con"}),
        says("I've sent it again."),
        user("That's what you said before. Can a person look at it?"),
    ],
    kind="takeover",
    reason="budget",
    category="returns",
    summary="The label was sent five times to an address that ends in “.con”. Each try costs a model call and a label.",
    question="Take over: return label never arrives",
    confidence=(0.49, "heuristic"),
    priority="normal",
    context=known({"order": "HL-58110", "e-mail on file": "j.moss@example.con", "labels made": 5}),
    usage=usage(9, 19_300, "0.88", 402, 5),
)  # fmt: skip

SCENARIOS: tuple[Scenario, ...] = (
    three_dollars_for_a_date,
    fourteen_searches,
    four_hundred_fares,
    label_that_never_came,
)
