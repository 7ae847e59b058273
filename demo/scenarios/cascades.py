"""A small error early, built upon until the last step is badly wrong."""

from datetime import timedelta

from demo.writing import Scenario, action, fields, known, says, scenario, step, tool, usage, user
from escalations.models import FailureMode

_MODE = FailureMode.ERROR_CASCADE
_REFUND = fields(
    {
        "order_id": {"type": "string", "pattern": "^W[0-9]{7}$"},
        "amount": {"type": "string", "pattern": "^[0-9]+\\.[0-9]{2}$"},
        "payment_method": {"enum": ["credit_card_9513926", "gift_card_2210573"]},
    },
    note={"type": "string", "maxLength": 200},
)

refund_to_the_wrong_card = scenario(
    "billing",
    _MODE,
    [
        user("I bought the team licence for my mother's shop but she already has one. I don't have the receipt and I "
             "paid with my ex-husband's card. Can I get the money back?"),
        says("I'm sorry that it went wrong. Under which e-mail address was it ordered?"),
        user("r.calloway@example.net. It must have been the third of this month."),
        tool("find_customer", {"email": "r.calloway@example.net"},
               {"customer_id": "C40817", "name": "Rosa Calloway", "since": 2019, "verified": True}),
        tool("get_order", {"order_id": "W2378156"},
               {"order_id": "W2378156", "status": "delivered", "items": 1, "total": "912.40", "gift": True}),
        tool("get_payment", {"order_id": "W2378156"},
               "<html><head><title>502 Bad Gateway</title></head><body><h1>Error</h1></body></html>"),
        says("Thank you, Rosa. I can refund $912.40 to the card ending 3926 right away. Shall I?"),
        user("That is his card, not mine! I don't want him to get it."),
        says("Understood. I will arrange the refund to your payment method on file."),
        user("Which one is that? Please don't send it to him."),
    ],
    kind="approval",
    reason="low_confidence",
    category="refund",
    summary="Customer wants $912.40 back for a gift order paid with another person's card. The payment lookup failed, "
    "and the agent read the holder out of an error page.",
    question="Refund $912.40 to a card that is not the payer's?",
    confidence=(0.41, "self_report"),
    skills=["refunds"],
    priority="urgent",
    steps=[
        step("identify customer", call=0, checkpoint="customer.v2"),
        step("find payment", ok=False, call=2, seconds=6.1, checkpoint="payment.v3",
             errors=["payment.holder is “Error” and does not match customer.name “Rosa Calloway”"]),
        step("check policy", seconds=0.4, input={"amount": "912.40", "gift": True}, output={"refundable": True}),
        step("propose refund", seconds=0.6),
    ],
    actions=[
        action("issue_refund",
               {"order_id": "W2378156", "amount": "912.40", "payment_method": "credit_card_9513926"}, _REFUND,
               why="Sends the money to the named payment method at once. It cannot be called back.", risk="high",
               current={"amount": "0.00", "payment_method": "gift_card_2210573"}),
    ],
    suggestions=[{"content": "Your refund of $912.40 to the card ending 3926 is on its way.", "confidence": 0.41}],
    context=known({"identity": "verified", "order": "W2378156, delivered, a gift", "receipt": "none",
                   "card holder": "the customer's ex-husband"},
                  ["Order found by e-mail", "Refund is within 30 days"], {"refund": "not to the card that paid"}),
    usage=usage(5, 39_120, "2.88", 64, 2),
    later=("Hello? Is anyone there? Please just make sure that he does not get it.",),
)  # fmt: skip

hotel_on_the_wrong_friday = scenario(
    "travel",
    _MODE,
    [
        user("Book me the usual hotel in Lyon for next Friday, one night, and the car like last time."),
        tool("resolve_date", {"text": "next Friday", "today": "2026-03-12"}, {"date": "2026-03-13"}),
        tool("search_hotels", {"city": "Lyon", "check_in": "2026-03-13", "nights": 1},
               {"results": [{"id": "H-2201", "name": "Hôtel des Tisserands", "price": "€212", "refundable": False}]}),
        says("I found the Hôtel des Tisserands for Friday the 13th, €212, and a compact car for the weekend. "
             "The rate is cheaper if I take the non-refundable one."),
        user("Fine, cheaper is good. I land at 9."),
        tool("search_cars", {"city": "Lyon", "pick_up": "2026-03-13T09:00", "days": 2},
               {"results": [{"id": "CAR-7", "class": "compact", "price": "€96"}]}),
        says("All set to book: hotel and car for the 13th. Your flight is on the 20th, so I will also move it a week "
             "forward to match; the change fee is €140."),
        user("wait, why would you touch my flight"),
    ],
    kind="approval",
    reason="checkpoint_failed",
    category="booking",
    summary="“Next Friday” was read as tomorrow. Hotel, car and a flight change were all built on that date.",
    question="Book hotel and car for 13 March and move the flight of 20 March to match?",
    confidence=(0.66, "judge"),
    priority="high",
    steps=[
        step("resolve date", ok=False, call=0, checkpoint="travel-date.v1",
             errors=["date 2026-03-13 is 7 days before the customer's flight of 2026-03-20"]),
        step("find hotel", call=1, seconds=2.2),
        step("find car", call=2, seconds=1.9),
        step("change flight", seconds=0.9, output={"fee": "€140", "from": "2026-03-20", "to": "2026-03-13"}),
    ],
    actions=[
        action("book_itinerary", {"hotel": "H-2201", "car": "CAR-7", "check_in": "2026-03-13", "nights": 1},
               fields({"hotel": {"type": "string"}, "check_in": {"type": "string", "format": "date"},
                       "nights": {"type": "integer", "minimum": 1, "maximum": 30}},
                      car={"type": ["string", "null"]}),
               why="Books and pays. The hotel's rate cannot be refunded.", risk="high"),
        action("change_flight", {"pnr": "QX7L2P", "to": "2026-03-13", "fee": "140.00"},
               fields({"pnr": {"type": "string"}, "to": {"type": "string", "format": "date"},
                       "fee": {"type": "string"}}),
               why="Moves the flight and charges the fee.", risk="high",
               current={"to": "2026-03-20", "fee": "0.00"}),
    ],
    context=known({"flight": "QX7L2P, 20 March 08:10, lands 09:05", "hotel": "Hôtel des Tisserands"},
                  ["Non-refundable rate accepted"], {"price": "the cheaper one"}),
    usage=usage(4, 21_300, "0.94", 48, 0),
    expires_in=timedelta(hours=8),
)  # fmt: skip

lamp_to_another_country = scenario(
    "support",
    _MODE,
    [
        user("The reading lamp arrived cracked. I'm at 14 Station Road, Georgetown. Can you send a new one?"),
        tool("find_order", {"email": "m.persaud@example.org"},
               {"order": "HL-60217", "item": "Reading lamp Aster", "ship_to": {"city": "Georgetown", "country": "GY"}}),
        tool("normalise_address", {"line": "14 Station Road, Georgetown"},
               {"line1": "14 Station Rd", "city": "Georgetown", "state": "TX", "zip": "78626", "country": "US"}),
        says("I'm sorry about the lamp. A replacement can leave our Texas warehouse today and be with you in two days."),
        user("Texas? I'm in Guyana"),
        tool("quote_shipping", {"from": "TX", "to": "US-78626"}, {"service": "ground", "price": "$6.20"}),
        says("Shipping is covered by us. I'll have it sent to Georgetown as discussed."),
    ],
    kind="approval",
    reason="policy",
    category="replacement",
    summary="Replacement for a cracked lamp; the address service moved the customer from Guyana to Texas.",
    question="Ship a replacement lamp to 14 Station Rd, Georgetown, Texas?",
    confidence=(0.78, "self_report"),
    skills=["hardware"],
    steps=[
        step("find order", call=0),
        step("normalise address", ok=False, call=1, seconds=1.2, checkpoint="address.v1",
             errors=["country changed from GY to US"]),
        step("quote shipping", call=2, seconds=0.7),
        step("propose replacement", seconds=0.3),
    ],
    actions=[
        action("ship_replacement",
               {"order": "HL-60217", "warehouse": "TX",
                "address": {"line1": "14 Station Rd", "city": "Georgetown", "state": "TX", "country": "US"}},
               fields({"order": {"type": "string"}, "warehouse": {"enum": ["TX", "NL", "SG"]},
                       "address": {"type": "object", "required": ["line1", "city", "country"]}}),
               why="Releases the parcel. It leaves within the hour.", risk="medium",
               current={"address": {"line1": "14 Station Road", "city": "Georgetown", "country": "GY"}}),
    ],
    context=known({"order": "HL-60217", "fault": "cracked in transit", "country": "Guyana"}, ["Covered by warranty"]),
    usage=usage(3, 9_800, "0.21", 22, 0),
    later=("Just to be sure: the country is Guyana, South America.",),
)  # fmt: skip

credit_in_the_wrong_currency = scenario(
    "billing",
    _MODE,
    [
        user("We closed our Osaka office and cancelled 14 seats in January, but the invoice still has them."),
        tool("get_invoice", {"invoice": "INV-2026-0219"},
               {"invoice": "INV-2026-0219", "currency": "JPY", "seats": 14, "unit": 4200, "total": 58800}),
        tool("compute_credit", {"unit": 4200, "seats": 14}, {"credit": 58800, "currency": "USD"}),
        says("You are right: the seats ended on 31 January. I can credit 58,800 to your account."),
        user("Great, thank you! That will cover us for a good while."),
    ],
    kind="approval",
    reason="checkpoint_failed",
    category="credit",
    summary="Credit for 14 cancelled seats. The invoice is in yen, the credit was computed in dollars.",
    question="Credit $58,800.00 for 14 cancelled seats?",
    confidence=(0.83, "self_report"),
    skills=["refunds"],
    priority="high",
    steps=[
        step("find invoice", call=0),
        step("compute credit", ok=False, call=1, checkpoint="credit.v2",
             errors=["currency USD differs from the invoice's JPY", "credit is 150 times the monthly average"]),
        step("announce credit", seconds=0.3),
    ],
    actions=[
        action("apply_credit", {"account": "A-20931", "amount": "58800.00", "currency": "USD"},
               fields({"account": {"type": "string"}, "amount": {"type": "string", "pattern": "^[0-9]+\\.[0-9]{2}$"},
                       "currency": {"enum": ["USD", "EUR", "JPY", "CHF"]}}),
               why="Adds the credit to the account; it is used by the next invoices.", risk="critical"),
    ],
    suggestions=[{"content": "I have credited $58,800.00 to your account.", "confidence": 0.83}],
    context=known({"invoice": "INV-2026-0219, ¥58,800", "seats ended": "31 January"}, ["The customer is owed a credit"]),
    usage=usage(2, 6_400, "0.18", 19, 0),
)  # fmt: skip

recall_letter_for_the_wrong_batch = scenario(
    "support",
    _MODE,
    [
        user("Please draft the answer for everyone who asks whether their door lock is in the battery recall."),
        tool("get_bulletin", {"id": "SB-114"},
               {"bulletin": "SB-114", "serials": "LK4-0700000 to LK4-0749999", "action": "replace battery pack"}),
        tool("query_serials", {"from": "LK4-0070000", "to": "LK4-0074999"}, {"count": 5000, "countries": ["DE", "NL"]}),
        says("Draft ready. 5,000 locks are affected, all sold in Germany and the Netherlands."),
    ],
    kind="review",
    reason="checkpoint_failed",
    category="recall",
    summary="Standard answer about a recall. The serial range lost a digit between the bulletin and the query.",
    question="Is this answer about the recall right?",
    confidence=(0.91, "judge"),
    skills=["hardware"],
    priority="high",
    steps=[
        step("read bulletin", call=0),
        step("find affected locks", ok=False, call=1, checkpoint="serial-range.v1",
             errors=["range has 5,000 serials, the bulletin has 50,000"]),
        step("draft answer", seconds=2.4),
    ],
    suggestions=[{"content": "Your lock is safe unless its serial number lies between LK4-0070000 and LK4-0074999. "
                             "No other locks are affected by the recall.", "confidence": 0.91}],
    context=known({"bulletin": "SB-114", "serials": "LK4-0700000 to LK4-0749999"}),
    usage=usage(1, 5_100, "0.12", 31, 0),
)  # fmt: skip

SCENARIOS: tuple[Scenario, ...] = (
    refund_to_the_wrong_card,
    hotel_on_the_wrong_friday,
    lamp_to_another_country,
    credit_in_the_wrong_currency,
    recall_letter_for_the_wrong_batch,
)
