"""Shared macros of the demo desk: what its people would write again and again."""

from operators.models import Macro

_MACROS: tuple[tuple[str, str, list[str], dict[str, str]], ...] = (
    (
        "Ask for the payer’s consent",
        "h",
        ["approval"],
        {
            "decision": "reject",
            "message": "Do not send money to another card. Ask {customer} for the consent of whoever paid.",
            "agent_correct": "no",
            "failure_primary": "edge_case",
        },
    ),
    (
        "Right as proposed",
        "5",
        ["approval"],
        {"decision": "approve", "agent_correct": "yes", "failure_primary": "none"},
    ),
    (
        "A tool broke, try again later",
        "l",
        [],
        {
            "message": "One of our systems did not answer. We look into it and write to you soon. {me}",
            "agent_correct": "no",
            "failure_primary": "integration",
        },
    ),
    (
        "I take over",
        "v",
        ["approval", "question", "takeover"],
        {
            "decision": "takeover",
            "message": "Hello {customer}, this is {me}. I go on from here.",
            "agent_correct": "partial",
        },
    ),
)


def set_up() -> None:
    """Make the shared macros of a desk that has none."""
    if Macro.objects.exists():
        return
    for name, key, kinds, fields in _MACROS:
        Macro.objects.create(name=name, key=key, kinds=kinds, fields=fields)
