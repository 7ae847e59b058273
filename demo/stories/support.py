"""What came up at support, whose agent loses the thread in long conversations."""

from demo.stories.telling import Fill, Story, answered, approved, edited, rejected, taken_over
from demo.writing import Scenario, action, fields, known, says, scenario, step, tool, user
from escalations.models import Disposition, FailureMode

_PARCEL = fields(
    {"order": {"type": "string"}, "item": {"type": "string"}, "colour": {"enum": ["black", "white", "brass"]}}
)


def broken_part(fill: Fill) -> Scenario:
    order, item = fill.id("HL-"), fill.one_of("Reading lamp Aster", "Door lock LK4", "Thermostat Brisa 3")
    return scenario(
        "support",
        FailureMode.CONTEXT_DILUTION,
        [
            user(f"The {item} arrived broken. It's the brass one, to match my door."),
            tool("find_order", {"order": order}, {"order": order, "item": item, "colour": "brass"}),
            says("I'm sorry about that. Could you send a photo?"),
            user("Sent. As I said, brass please."),
            says("Thank you. A new one in black will leave tomorrow."),
        ],
        kind="approval",
        reason="policy",
        category="replacement",
        question=f"Send a new {item} in black?",
        summary=f"Replacement for {fill.name}; the colour changed on the way.",
        skills=["hardware"],
        actions=[action("ship_replacement", {"order": order, "item": item, "colour": "black"}, _PARCEL,
                        why="Releases the parcel.", risk="low")],
        suggestions=[{"content": f"Your new {item} in black will leave tomorrow."}],
        context=known({"order": order, "item": item}, [], {"colour": "brass"}),
        usage=fill.used(FailureMode.CONTEXT_DILUTION),
    )  # fmt: skip


def where_is_my_parcel(fill: Fill) -> Scenario:
    order = fill.id("HL-")
    page = (
        "<html><head><title>503 Service Unavailable</title></head><body>Please try again later.</body></html>"
    )
    return scenario(
        "support",
        FailureMode.INTEGRATION,
        [
            user(f"Where is {order}?"),
            tool("track", {"order": order}, page),
            tool("track", {"order": order}, page),
            says("Your parcel has the status “Service Unavailable”."),
            user("Excuse me?"),
        ],
        kind="takeover",
        reason="tool_error",
        category="delivery",
        question="Take over: parcel tracking answers an error page",
        summary=f"The carrier's tracking is down; {fill.name} waits for an order.",
        steps=[
            step("track parcel", call=0, ok=False, seconds=4, checkpoint="tracking.v1", errors=["not JSON: HTML"]),
            step("answer"),
        ],
        context=known({"order": order}),
        usage=fill.used(FailureMode.INTEGRATION),
    )  # fmt: skip


def pairing(fill: Fill) -> Scenario:
    talk = [user("My thermostat does not find the boiler. Two wires, no neutral.")]
    for attempt in range(fill.number(4, 11)):
        talk += [
            says(f"Please hold the wheel for {5 + attempt} seconds and tell me the colour of the light."),
            user(
                fill.one_of(
                    "Amber.", "Red now.", "Nothing.", "Amber, then red.", "As before. Two wires, as I said."
                )
            ),
        ]
    return scenario(
        "support",
        FailureMode.CONTEXT_DILUTION,
        [*talk, says("Please connect the neutral wire."), user("There is none!")],
        kind="takeover",
        reason="context_limit",
        category="installation",
        question="Take over: pairing goes in circles",
        summary=f"{fill.name} has two-wire cabling, which the agent forgot.",
        skills=["hardware"],
        priority=fill.one_of("normal", "high"),
        context=known({"wiring": "two wires, no neutral"}),
        usage=fill.used(FailureMode.CONTEXT_DILUTION),
    )


def return_label(fill: Fill) -> Scenario:
    order, tries = fill.id("HL-"), fill.number(2, 4)
    return scenario(
        "support",
        FailureMode.COST,
        [
            user("The return label never came."),
            *[tool("send_label", {"order": order}, {"status": "sent"}) for _ in range(tries)],
            says(f"I have sent it {tries} times now and would send it once more."),
        ],
        kind="approval",
        reason="budget",
        category="returns",
        question=f"Send the return label for the {tries + 1}th time?",
        summary=f"The label for {fill.name} does not arrive.",
        actions=[action("send_label", {"order": order, "email": "j.moss@example.con"},
                        fields({"order": {"type": "string"}, "email": {"type": "string"}}),
                        why="Makes a new label and sends it.", risk="low")],
        context=known({"order": order, "labels made": tries}),
        usage=fill.used(FailureMode.COST),
    )  # fmt: skip


def fits_together(fill: Fill) -> Scenario:
    lamp = fill.one_of("Aster", "Corvo", "Lume")
    return scenario(
        "support",
        FailureMode.EDGE_CASE,
        [
            user(f"Does the {lamp} work with the dimmer of 2019?"),
            tool("search_articles", {"query": f"{lamp} dimmer"}, {"articles": [12, 40]}),
            says("I could not find that in our articles."),
        ],
        kind="question",
        reason="low_confidence",
        category="compatibility",
        question=f"Does the {lamp} work with the 2019 dimmer DW-1?",
        summary="A combination that no article mentions.",
        skills=["hardware"],
        priority="low",
        response_schema=fields({"compatible": {"enum": ["yes", "no", "unknown"]}}, note={"type": "string"}),
        context=known({"lamp": lamp, "dimmer": "DW-1"}),
        usage=fill.used(FailureMode.EDGE_CASE),
    )


def in_french(fill: Fill) -> Scenario:
    order = fill.id("HL-")
    return scenario(
        "support",
        FailureMode.EDGE_CASE,
        [
            user(f"Bonjour, la commande {order} est arrivée incomplète : il manque les vis."),
            tool(
                "find_order", {"order": order}, {"order": order, "item": "LK4", "parts": ["lock", "screws"]}
            ),
            says("Bonjour ! Je transmets votre demande à une collègue."),
        ],
        kind="question",
        reason="policy",
        category="parts",
        question="Quelles vis envoyer ?",
        summary="Missing screws; the agent may not decide about parts in French yet.",
        skills=["fr"],
        response_schema=fields({"send": {"enum": ["M4 × 40", "M4 × 60", "both"]}}),
        context=known({"order": order}, [], {"language": "French"}),
        usage=fill.used(FailureMode.EDGE_CASE),
    )


def a_person_please(fill: Fill) -> Scenario:
    return scenario(
        "support",
        FailureMode.NONE,
        [
            user("Can I talk to a person?"),
            says("Of course, I'll find someone."),
            user("Thank you. It's about a lock."),
        ],
        kind="takeover",
        reason="user_requested",
        category="advice",
        question="Take over: the customer asked for a person",
        summary=f"{fill.name} wants advice from a person.",
        priority=fill.one_of("low", "normal"),
        usage=fill.used(FailureMode.NONE),
    )


STORIES = (
    Story(broken_part, FailureMode.CONTEXT_DILUTION, {"1.8": 6}, approved("It leaves tomorrow."), (
        edited({"colour": "brass"}, "Your new one leaves tomorrow, in brass."),
        rejected("The warranty has run out. Offer a repair.", note="24 months are over"),
    )),
    Story(where_is_my_parcel, FailureMode.INTEGRATION, {"1.8": 5},
          taken_over("I called the carrier: it comes on Thursday.", agent_correct="no"),
          (answered("The carrier's page is down. I looked it up by phone: it comes tomorrow.", first_error_index=0),)),
    Story(pairing, FailureMode.CONTEXT_DILUTION, {"1.8": 6},
          taken_over("We went through it together on the phone, it heats now.", agent_correct="partial"),
          (taken_over("It needs the battery base. I am sending one today."),)),
    Story(return_label, FailureMode.COST, {"1.8": 3}, approved(), (
        edited({"email": "j.moss@example.com"}, "The address had a typing error. The label is on its way."),
        rejected("The address is wrong; ask for it first.", note="could be code: check the address"),
    )),
    Story(fits_together, FailureMode.EDGE_CASE, {"1.8": 4},
          answered("We don't know, and you may return it if not.", response={"compatible": "unknown"},
                   disposition=Disposition.NOT_NEEDED, agent_correct="yes"),
          (answered("No, it flickers.", response={"compatible": "no", "note": "needs DW-2"}),)),
    Story(in_french, FailureMode.EDGE_CASE, {"1.8": 3},
          answered("Nous envoyons les vis M4 × 40.", response={"send": "M4 × 40"}, agent_correct="unsure"),
          (answered("Nous envoyons les deux.", response={"send": "both"}, agent_correct="unsure"),)),
    Story(a_person_please, FailureMode.NONE, {"1.8": 4},
          taken_over("I advised an LK4 with tactile keys.", agent_correct="yes"),
          (taken_over("They only wanted the opening hours.", agent_correct="partial"),)),
)  # fmt: skip
