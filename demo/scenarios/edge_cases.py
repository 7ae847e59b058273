"""Requests off the beaten track, where an agent would rather guess than say that it does not know."""

from datetime import timedelta

from demo.writing import Scenario, action, fields, known, says, scenario, tool, usage, user
from escalations.models import FailureMode

_MODE = FailureMode.EDGE_CASE

second_birthday_on_the_way = scenario(
    "travel",
    _MODE,
    [
        user("Our daughter turns two while we are in Porto. We fly out on the 3rd, her birthday is the 6th, back on "
             "the 10th. Does she need a seat?"),
        tool("get_booking", {"pnr": "MB4T9K"},
               {"pnr": "MB4T9K", "adults": 2, "infants_in_arms": 1, "out": "2026-05-03", "back": "2026-05-10"}),
        tool("fare_rules", {"carrier": "NW", "topic": "infant"},
               {"infant": "under 2 years", "child": "2 to 11 years", "age_at": None}),
        says("Children under two travel on a parent's lap, so she does not need a seat."),
        user("On both flights? A friend told me that it goes by the day of each flight."),
    ],
    kind="question",
    reason="low_confidence",
    category="fare_rules",
    summary="An infant turns two between the outbound and the return flight. The fare service does not say which day "
    "counts.",
    question="Does an infant who turns two during the trip need a seat on the way back?",
    confidence=(0.52, "self_report"),
    skills=["fares"],
    response_schema=fields({"seat_needed": {"enum": ["none", "return only", "both flights"]},
                            "extra_fare_eur": {"type": "number", "minimum": 0, "title": "Extra fare in euros"}},
                           note={"type": "string", "title": "Note for the agent"}),
    suggestions=[{"content": "No, the age on the day of departure counts for the whole trip.", "confidence": 0.52}],
    context=known({"booking": "MB4T9K", "child": "turns 2 on 6 May"}, [], {"seating": "together"}),
    usage=usage(3, 7_900, "0.33", 26, 0),
    later=("We would rather pay for a seat than be turned away at the gate.",),
)  # fmt: skip

warranty_second_hand = scenario(
    "support",
    _MODE,
    [
        user("The thermostat I bought from a neighbour stopped heating after four months. It's still under warranty "
             "until November, I have his receipt."),
        tool("find_order", {"order": "HL-51188"},
               {"order": "HL-51188", "buyer": "T. Aldous", "item": "Thermostat Brisa 2", "bought": "2024-11-18"}),
        tool("warranty_terms", {"item": "Brisa 2"}, {"months": 24, "covers": "defects", "holder": "original buyer"}),
        says("Let me check whether the warranty passes on with the device."),
        user("It's the same thing, just on another wall. Winter is not over and I have no heating upstairs."),
    ],
    kind="approval",
    reason="policy",
    category="warranty",
    summary="Warranty claim by a second owner with the first buyer's receipt. The terms speak of the original buyer.",
    question="Replace a thermostat under warranty for its second owner?",
    confidence=(0.48, "self_report"),
    skills=["hardware"],
    actions=[
        action("ship_replacement", {"order": "HL-51188", "item": "Brisa 2", "express": False},
               fields({"order": {"type": "string"}, "item": {"enum": ["Brisa 2", "Brisa 3"]},
                       "express": {"type": "boolean"}}),
               why="Sends a new thermostat free of charge.", risk="low"),
    ],
    suggestions=[{"content": "A new thermostat is on its way to you.", "confidence": 0.48}],
    context=known({"device": "Brisa 2, 16 months old", "owner": "second", "receipt": "of the first owner"}),
    usage=usage(3, 8_300, "0.17", 24, 0),
)  # fmt: skip

account_of_someone_who_died = scenario(
    "billing",
    _MODE,
    [
        user("My father, Edmund Farrow, passed away in January. You still charge his card every month. I would like to "
             "close the account and have February and March back."),
        says("I am very sorry for your loss. May I ask for the account's e-mail address?"),
        user("e.farrow@example.com. I have the certificate but no password of his."),
        tool("find_customer", {"email": "e.farrow@example.com"},
               {"customer_id": "C11873", "name": "Edmund Farrow", "plan": "Studio yearly, paid monthly", "since": 2014}),
        says("For changes the account's owner has to sign in. Could you ask him to do so?"),
        user("Please read again what I wrote."),
    ],
    kind="question",
    reason="out_of_scope",
    category="account_closure",
    summary="A relative of a customer who died asks to close the account and to be refunded two months. The agent asked "
    "for the dead man's sign-in.",
    question="What may be done for the heir of an account, and with which papers?",
    confidence=(0.22, "self_report"),
    skills=["refunds"],
    priority="high",
    response_schema=fields(
        {"close_account": {"type": "boolean", "title": "Close the account now"},
         "refund_months": {"type": "integer", "minimum": 0, "maximum": 12, "title": "Months to refund"},
         "documents": {"type": "array", "items": {"enum": ["death certificate", "proof of inheritance", "none"]},
                       "title": "Papers to ask for"}}),
    context=known({"account": "C11873", "holder": "died in January", "caller": "his child"}, [], {"tone": "careful"}),
    usage=usage(3, 5_900, "0.16", 21, 0),
)  # fmt: skip

married_name = scenario(
    "travel",
    _MODE,
    [
        user("I married last month and my passport now says Ilse Brandt-Okoye. The ticket says Ilse Brandt. We fly on "
             "Saturday with a partner airline."),
        tool("get_booking", {"pnr": "LT2R8W"},
               {"pnr": "LT2R8W", "passenger": "BRANDT/ILSE", "operated_by": "Partner Air", "ticketed": True}),
        tool("fare_rules", {"carrier": "Partner Air", "topic": "name"},
               {"correction": "up to 3 letters", "change": "not permitted", "marriage": "see general sales agent"}),
        says("Congratulations! I can correct the name for you."),
    ],
    kind="approval",
    reason="low_confidence",
    category="name_change",
    summary="New surname after marriage on a ticket of a partner airline, three days before departure.",
    question="Change the passenger's surname on a partner's ticket?",
    confidence=(0.57, "vote"),
    skills=["fares"],
    priority="high",
    actions=[
        action("change_passenger_name", {"pnr": "LT2R8W", "from": "BRANDT/ILSE", "to": "BRANDTOKOYE/ILSE"},
               fields({"pnr": {"type": "string"}, "from": {"type": "string"},
                       "to": {"type": "string", "pattern": "^[A-Z]+/[A-Z]+$"}},
                      remark={"type": "string", "maxLength": 60}),
               why="Reissues the ticket. The partner may void it.", risk="high",
               allowed_decisions=["approve", "edit", "reject"]),
    ],
    context=known({"booking": "LT2R8W", "departure": "Saturday", "carrier": "Partner Air"}, ["Marriage certificate seen"]),
    usage=usage(2, 6_700, "0.29", 18, 0),
    expires_in=timedelta(hours=20),
)  # fmt: skip

batteries_by_air = scenario(
    "support",
    _MODE,
    [
        user("Can I post the old battery pack of my lock back to you from Iceland? The post office asks whether it is "
             "dangerous goods."),
        tool("search_articles", {"query": "return battery pack post"},
               {"articles": [{"id": 88, "title": "Returns within the EU", "battery": "no restrictions by road"}]}),
        says("Yes, you can. It is not restricted, so no declaration is needed."),
    ],
    kind="review",
    reason="policy",
    category="dangerous_goods",
    summary="A confident answer about posting a lithium battery by air, drawn from an article about road transport. "
    "Answers in this category are always looked at.",
    question="Is it right that no declaration is needed?",
    confidence=(0.88, "self_report"),
    skills=["hardware"],
    suggestions=[{"content": "Yes, you can post it. It is not restricted, so no declaration is needed.",
                  "confidence": 0.88}],
    context=known({"country": "Iceland", "item": "lithium battery pack LK4-B", "route": "air only"}),
    usage=usage(1, 4_200, "0.07", 9, 0),
)  # fmt: skip

swiss_reverse_charge = scenario(
    "billing",
    _MODE,
    [
        user("Guten Tag, unsere GmbH sitzt in Büsingen. Auf der Rechnung steht deutsche Umsatzsteuer. Ist das richtig?"),
        tool("get_invoice", {"invoice": "INV-2026-0377"},
               {"invoice": "INV-2026-0377", "net": "1240.00", "vat": "235.60", "currency": "CHF", "postcode": "78266"}),
        tool("tax_area", {"postcode": "78266", "country": "DE"}, {"country": "DE", "vat_area": "CH", "note": "exclave"}),
        says("Guten Tag! Einen Augenblick bitte, ich prüfe den Steuersatz."),
    ],
    kind="question",
    reason="low_confidence",
    category="tax",
    summary="A company in Büsingen, a German exclave in the Swiss customs area, asks whether German VAT is due.",
    question="Which VAT applies to a company in Büsingen (DE, Swiss customs area)?",
    confidence=(0.34, "vote"),
    skills=["de"],
    response_schema=fields({"vat": {"enum": ["German 19%", "Swiss 8.1%", "none"]},
                            "correct_invoice": {"type": "boolean", "title": "Issue a corrected invoice"}}),
    suggestions=[{"content": "Ja, für Kunden mit Sitz in Deutschland gilt die deutsche Umsatzsteuer von 19 %.",
                  "confidence": 0.34}],
    context=known({"invoice": "INV-2026-0377", "net": "CHF 1,240.00"}, [], {"language": "German"}),
    usage=usage(1, 4_900, "0.14", 15, 0),
)  # fmt: skip

SCENARIOS: tuple[Scenario, ...] = (
    second_birthday_on_the_way,
    warranty_second_hand,
    account_of_someone_who_died,
    married_name,
    batteries_by_air,
    swiss_reverse_charge,
)
