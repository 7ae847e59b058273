"""Tools that fail, and agents that go on as if they had not."""

from datetime import timedelta

from demo.writing import Scenario, action, fields, known, says, scenario, step, tool, usage, user
from escalations.models import FailureMode

_MODE = FailureMode.INTEGRATION
_BAD_GATEWAY = (
    "<!DOCTYPE html>\n<html>\n<head><title>502 Bad Gateway</title></head>\n<body>\n"
    "<center><h1>502 Bad Gateway</h1></center>\n<hr><center>edge-3</center>\n</body>\n</html>"
)

order_service_is_html = scenario(
    "support",
    _MODE,
    [
        user("Where is my order HL-61120? It should have been here on Monday."),
        tool("find_order", {"order": "HL-61120"}, _BAD_GATEWAY),
        tool("find_order", {"order": "HL-61120"}, _BAD_GATEWAY),
        tool("find_order", {"order": "HL-61120"}, _BAD_GATEWAY),
        says("Your order HL-61120 is with “edge-3” and has the status “Bad Gateway”. It should arrive soon."),
        user("What is edge-3? Is that a carrier?"),
    ],
    kind="takeover",
    reason="tool_error",
    category="delivery",
    summary="The order service answered with an HTML error page three times; the agent read a carrier and a status out of it.",
    question="Order service answered an HTML error page three times",
    confidence=(0.44, "heuristic"),
    steps=[
        step("find order", ok=False, call=0, seconds=5.0, checkpoint="order.v1",
             errors=["not JSON: the body starts with “<!DOCTYPE html>”"]),
        step("find order again", ok=False, call=2, seconds=5.0),
        step("answer", seconds=1.1),
    ],
    context=known({"order": "HL-61120", "expected": "Monday"}),
    usage=usage(2, 6_900, "0.31", 41, 3),
    later=("Never mind the name, I just want to know when it comes.",),
)  # fmt: skip

charge_again_after_a_timeout = scenario(
    "billing",
    _MODE,
    [
        user("I tried to pay invoice INV-2026-0290 twice and the page kept spinning. Did it go through?"),
        tool("capture_payment", {"invoice": "INV-2026-0290", "amount": "640.00"},
               {"error": "timeout", "after_ms": 30000, "request_id": "pay_81c2"}),
        tool("capture_payment", {"invoice": "INV-2026-0290", "amount": "640.00"},
               {"error": "timeout", "after_ms": 30000, "request_id": "pay_81d9"}),
        tool("get_payment", {"invoice": "INV-2026-0290"}, {"status": "unknown", "attempts": 2}),
        says("The payment did not go through. I can charge your card once more."),
        user("Are you sure? My bank's app shows two reservations of $640."),
    ],
    kind="approval",
    reason="tool_error",
    category="payment",
    summary="Two captures timed out without a known result, and the customer's bank shows two reservations. The agent wants "
    "to try a third time.",
    question="Charge $640.00 a third time after two time-outs?",
    confidence=(0.63, "self_report"),
    skills=["refunds"],
    priority="urgent",
    steps=[
        step("capture payment", ok=False, call=0, seconds=30.0, checkpoint="payment.v3", errors=["timeout after 30 s"]),
        step("capture again", ok=False, call=1, seconds=30.0),
        step("look payment up", call=2, seconds=1.3, output={"status": "unknown"}),
    ],
    actions=[
        action("retry_charge", {"invoice": "INV-2026-0290", "amount": "640.00", "idempotency_key": None},
               fields({"invoice": {"type": "string"}, "amount": {"type": "string"},
                       "idempotency_key": {"type": ["string", "null"]}}),
               why="Charges the card once more. Without an idempotency key it may be a third payment.", risk="critical"),
    ],
    context=known({"invoice": "INV-2026-0290, $640.00", "bank": "shows two reservations"}, [], {"contact": "e-mail"}),
    usage=usage(2, 8_100, "0.52", 97, 2),
    expires_in=timedelta(hours=4),
    later=("There are still two reservations.",),
)  # fmt: skip

fare_from_this_morning = scenario(
    "travel",
    _MODE,
    [
        user("You offered me Vienna to Split for €118 an hour ago. Please book it."),
        tool("price", {"offer": "S-771"}, {"offer": "S-771", "total": "€118.00", "cached": True, "age_s": 5210}),
        tool("hold", {"offer": "S-771"}, {"error": "fare_changed", "was": "€118.00", "now": "€176.00"}),
        says("One moment please, the airline asks me to confirm the price."),
        user("You said 118. I have a screenshot."),
    ],
    kind="question",
    reason="tool_error",
    category="fare_rules",
    summary="The price came from a cache that was 87 minutes old; the airline now asks €58 more.",
    question="Honour €118 when the fare is €176 now?",
    confidence=(0.5, "self_report"),
    skills=["fares"],
    priority="high",
    response_schema=fields({"price_eur": {"type": "number", "minimum": 0, "title": "Price to charge in euros"},
                            "who_pays": {"enum": ["customer", "we do", "shared"], "title": "Who pays the difference"}}),
    suggestions=[{"content": "I'm afraid the price is €176 now.", "confidence": 0.5}],
    context=known({"offer": "S-771", "quoted": "€118, 87 minutes ago", "now": "€176"}),
    usage=usage(2, 5_600, "0.26", 17, 1),
    expires_in=timedelta(hours=2),
)  # fmt: skip

warranty_service_wants_a_token = scenario(
    "support",
    _MODE,
    [
        user("My lock LK4-0718822 drains its batteries in a week. Is that the recall?"),
        tool("check_recall", {"serial": "LK4-0718822"}, {"status": 401, "error": "token_expired"}),
        tool("refresh_token", {"service": "recall"}, {"status": 400, "error": "invalid_grant"}),
        tool("check_recall", {"serial": "LK4-0718822"}, {"status": 401, "error": "token_expired"}),
        says("I could not find your lock in the recall list."),
    ],
    kind="question",
    reason="tool_error",
    category="recall",
    summary="The recall service refuses an expired token. “Not found in the list” is not what it said.",
    question="Is lock LK4-0718822 part of recall SB-114?",
    confidence=(0.46, "judge"),
    skills=["hardware"],
    steps=[
        step("check recall", ok=False, call=0, seconds=0.3, checkpoint="recall.v1", errors=["HTTP 401: token_expired"]),
        step("renew token", ok=False, call=1, seconds=0.2),
        step("answer", seconds=0.9),
    ],
    response_schema=fields({"in_recall": {"enum": ["yes", "no", "cannot tell"]}},
                           next_step={"type": "string", "title": "What to tell the customer"}),
    context=known({"serial": "LK4-0718822", "symptom": "batteries last a week"}),
    usage=usage(1, 4_400, "0.11", 14, 2),
)  # fmt: skip

tax_rate_from_memory = scenario(
    "billing",
    _MODE,
    [
        user("Could you send me a quote for 30 seats for our branch in Slovenia, with tax?"),
        tool("tax_rate", {"country": "SI"}, {"status": 429, "error": "rate_limited", "retry_after": 60}),
        tool("tax_rate", {"country": "SI"}, {"status": 429, "error": "rate_limited", "retry_after": 60}),
        tool("make_quote", {"seats": 30, "net": "3600.00", "tax": "0.20"}, {"quote": "Q-5531", "total": "4320.00"}),
        says("Here is your quote Q-5531 over €4,320.00 with 20% tax."),
    ],
    kind="review",
    reason="tool_error",
    category="quote",
    summary="The tax service was rate limited, and the agent put in 20% from memory (Slovenia has 22%). The quote is not "
    "sent yet.",
    question="Send quote Q-5531 over €4,320.00 with 20% tax?",
    confidence=(0.69, "self_report"),
    steps=[
        step("look tax up", ok=False, call=0, seconds=0.4, checkpoint="tax.v1", errors=["HTTP 429: rate_limited"]),
        step("make quote", call=2, seconds=0.9, checkpoint="quote.v2"),
    ],
    suggestions=[{"content": "Quote Q-5531: 30 seats, €3,600.00 net, 20% tax, €4,320.00 in all.", "confidence": 0.69}],
    context=known({"seats": 30, "net": "€3,600.00", "country": "Slovenia"}),
    usage=usage(1, 4_700, "0.19", 22, 2),
)  # fmt: skip

seat_map_without_seats = scenario(
    "travel",
    _MODE,
    [
        user("Can I sit next to my son on the way back? He is nine."),
        tool("get_booking", {"pnr": "WE5P3D"},
               {"pnr": "WE5P3D", "seats": {"OSEI/ADA": "14C", "OSEI/KOFI": "27F"}, "flight": "NW812"}),
        tool("seat_map", {"flight": "NW812"}, {"flight": "NW812", "rows": None}),
        says("I found two seats together: 0A and 0B."),
    ],
    kind="approval",
    reason="tool_error",
    category="seating",
    summary="The seat map came back empty and the agent made up row 0. A child of nine must sit with an adult.",
    question="Assign seats 0A and 0B to a mother and her son?",
    confidence=(0.6, "self_report"),
    steps=[
        step("find booking", call=0),
        step("read seat map", ok=False, call=1, checkpoint="seat-map.v2", errors=["rows: null is not an array"]),
        step("choose seats", seconds=0.2, output={"seats": ["0A", "0B"]}),
    ],
    actions=[
        action("assign_seats", {"pnr": "WE5P3D", "flight": "NW812", "seats": {"OSEI/ADA": "0A", "OSEI/KOFI": "0B"}},
               fields({"pnr": {"type": "string"}, "flight": {"type": "string"},
                       "seats": {"type": "object",
                                 "additionalProperties": {"type": "string", "pattern": "^[1-9][0-9]?[A-F]$"}}}),
               why="Changes the seats in the airline's system.", risk="low"),
    ],
    context=known({"booking": "WE5P3D", "return": "NW812", "child": "9 years"}, [], {"seats": "together"}),
    usage=usage(1, 3_900, "0.16", 12, 0),
)  # fmt: skip

SCENARIOS: tuple[Scenario, ...] = (
    order_service_is_html,
    charge_again_after_a_timeout,
    fare_from_this_morning,
    warranty_service_wants_a_token,
    tax_rate_from_memory,
    seat_map_without_seats,
)
