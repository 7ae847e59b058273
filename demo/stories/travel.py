"""What came up at travel, whose agent is young: it guesses at fare rules and spends much on searching."""

from demo.stories.telling import Fill, Story, answered, approved, edited, rejected
from demo.writing import Scenario, action, fields, known, says, scenario, step, tool, user
from escalations.models import Disposition, FailureMode

_DATE = {"type": "string", "format": "date"}


def two_seats(fill: Fill) -> Scenario:
    pnr, row = fill.id("NW"), fill.number(5, 28)
    return scenario(
        "travel",
        FailureMode.INTEGRATION,
        [
            user("Two seats together, please."),
            tool("seat_map", {"pnr": pnr}, {"rows": None}),
            says(f"I found {row}A and {row}B."),
        ],
        kind="approval",
        reason="tool_error",
        category="seating",
        question=f"Assign seats {row}A and {row}B?",
        summary="The seat map came back empty; the agent proposes seats all the same.",
        steps=[
            step("read seat map", call=0, ok=False, checkpoint="seat-map.v2", errors=["rows: null is not an array"]),
            step("choose seats"),
        ],
        actions=[action("assign_seats", {"pnr": pnr, "seats": [f"{row}A", f"{row}B"]},
                        fields({"pnr": {"type": "string"}, "seats": {"type": "array", "items": {"type": "string"}}}),
                        why="Changes the seats.", risk="low")],
        context=known({"booking": pnr}),
        usage=fill.used(FailureMode.INTEGRATION),
    )  # fmt: skip


def cheaper_by_a_little(fill: Fill) -> Scenario:
    price = fill.number(140, 600)
    return scenario(
        "travel",
        FailureMode.COST,
        [
            user(f"{fill.city} to {fill.other_city}, a morning flight please."),
            tool("search_flights", {"from": fill.city, "to": fill.other_city}, {"offers": 288, "morning": price}),
            tool("price_combinations", {"offers": 288}, {"priced": 288, "best": price - 6}),
            says(f"I found one for €{price - 6}, in the evening."),
        ],
        kind="approval",
        reason="budget",
        category="booking",
        question=f"Book the evening flight for €{price - 6} instead of the morning one for €{price}?",
        summary=f"{fill.name} asked for a morning flight; the agent searched on for €6.",
        actions=[action("book_itinerary", {"offer": "evening", "total": f"{price - 6}.00"},
                        fields({"offer": {"enum": ["morning", "evening"]}, "total": {"type": "string"}}),
                        why="Books and charges.", risk="medium")],
        context=known({"from": fill.city, "to": fill.other_city}, [], {"departure": "morning"}),
        usage=fill.used(FailureMode.COST),
        metadata={"morning": f"{price}.00"},
    )  # fmt: skip


def the_wrong_week(fill: Fill) -> Scenario:
    day = fill.number(10, 20)
    return scenario(
        "travel",
        FailureMode.ERROR_CASCADE,
        [
            user(f"A hotel in {fill.city} for next Friday, one night."),
            tool("resolve_date", {"text": "next Friday"}, {"date": f"2026-03-{day}"}),
            tool("search_hotels", {"city": fill.city}, {"results": [{"id": "H-1", "price": "€140"}]}),
            says(f"The H-1 has a room on the {day}th."),
        ],
        kind="approval",
        reason="checkpoint_failed",
        category="booking",
        question=f"Book a hotel in {fill.city} for {day} March?",
        summary="“Next Friday” was read as this Friday.",
        priority=fill.one_of("normal", "high", "urgent"),
        steps=[
            step("resolve date", call=0, ok=False, checkpoint="travel-date.v1", errors=["a week before the flight"]),
            step("find hotel", call=1),
            step("propose booking"),
        ],
        actions=[action("book_itinerary", {"hotel": "H-1", "check_in": f"2026-03-{day}"},
                        fields({"hotel": {"type": "string"}, "check_in": _DATE}), why="Books and pays.", risk="high")],
        context=known({"city": fill.city, "flight": f"2026-03-{day + 7}"}),
        usage=fill.used(FailureMode.ERROR_CASCADE),
        metadata={"flight": f"2026-03-{day + 7}"},
    )  # fmt: skip


def dog_in_the_cabin(fill: Fill) -> Scenario:
    weight = fill.number(5, 11)
    return scenario(
        "travel",
        FailureMode.EDGE_CASE,
        [
            user(f"May my dog of {weight} kg come into the cabin? With the bag it is {weight + 1}."),
            tool("fare_rules", {"topic": "pets"}, {"cabin": "up to 8 kg", "with_bag": None}),
            says("Up to 8 kg, I believe with the bag."),
        ],
        kind="question",
        reason="low_confidence",
        category="fare_rules",
        question="Do the 8 kg for pets count with the bag?",
        summary="The fare service does not say whether the bag counts.",
        skills=["fares"],
        response_schema=fields({"allowed": {"type": "boolean", "title": "May travel in the cabin"}}),
        context=known({"dog": f"{weight} kg"}),
        usage=fill.used(FailureMode.EDGE_CASE),
    )


def schedule_change(fill: Fill) -> Scenario:
    pnr, paid = fill.id("NW"), fill.sum(90, 700)
    return scenario(
        "travel",
        FailureMode.EDGE_CASE,
        [
            user("You moved my flight by four hours. I want my money back."),
            tool("get_booking", {"pnr": pnr}, {"pnr": pnr, "paid": paid, "moved_minutes": fill.number(180, 400)}),
            says("I understand. I am asking for your refund."),
        ],
        kind="approval",
        reason="policy",
        category="waiver",
        question=f"Refund €{paid} after a schedule change?",
        summary=f"{fill.name} does not want the new time.",
        skills=["fares"],
        priority="high",
        actions=[action("waive_fee", {"pnr": pnr, "refund": paid},
                        fields({"pnr": {"type": "string"}, "refund": {"type": "string"}}),
                        why="Cancels and refunds.", risk="medium")],
        suggestions=[{"content": f"€{paid} will be refunded."}],
        context=known({"booking": pnr, "paid": f"€{paid}"}),
        usage=fill.used(FailureMode.EDGE_CASE),
    )  # fmt: skip


def long_itinerary(fill: Fill) -> Scenario:
    return scenario(
        "travel",
        FailureMode.CONTEXT_DILUTION,
        [
            user(f"Three of us, {fill.city} to {fill.other_city}, vegetarian meals, no night flights."),
            says("For which dates?"),
            user("The first week of June."),
            says("Window or aisle?"),
            user("Aisle. And bags for all."),
            says(
                f"Here is your trip: {fill.city} to {fill.other_city}, two travellers, departing 23:40, aisle seats."
            ),
        ],
        kind="review",
        reason="context_limit",
        category="booking",
        question="Is this itinerary what they asked for?",
        summary="Three travellers, no night flights, vegetarian, aisle, bags.",
        priority="low",
        suggestions=[{"content": "Two travellers, departing 23:40, aisle seats."}],
        context=known(
            {"travellers": 3}, ["First week of June"], {"flights": "not at night", "meals": "vegetarian"}
        ),
        usage=fill.used(FailureMode.CONTEXT_DILUTION),
    )


STORIES = (
    Story(two_seats, FailureMode.INTEGRATION, {"0.9": 4}, approved(), (
        rejected("The map was empty. Ask again in a minute.", first_error_index=0),
    )),
    Story(cheaper_by_a_little, FailureMode.COST, {"0.9": 5}, approved(), (
        edited({"offer": "morning", "total": "$morning"}, "I booked the morning flight as you asked."),
        rejected("They asked for a morning flight.", note="stop searching under €20"),
    )),
    Story(the_wrong_week, FailureMode.ERROR_CASCADE, {"0.9": 4}, approved(), (
        edited({"check_in": "$flight"}, "Booked for the Friday of your flight.", first_error_index=0),
        rejected("Wrong week: see the flight.", first_error_index=0),
    )),
    Story(dog_in_the_cabin, FailureMode.EDGE_CASE, {"0.9": 5},
          answered("Yes.", response={"allowed": True}, disposition=Disposition.NOT_NEEDED, agent_correct="yes"),
          (answered("No: the bag counts.", response={"allowed": False}),)),
    Story(schedule_change, FailureMode.EDGE_CASE, {"0.9": 5}, approved("Your refund is on its way."), (
        rejected("Under three hours no refund is due. Offer another flight.", note="limit is 180 minutes"),
    )),
    Story(long_itinerary, FailureMode.CONTEXT_DILUTION, {"0.9": 3}, approved(), (
        answered("Three travellers, departing 10:15, aisle seats, vegetarian meals, three bags."),
    )),
)  # fmt: skip
