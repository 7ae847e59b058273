"""An agent without any framework: it asks a person where it is unsure, and before it pays.

    python examples/plain_agent.py "Where is my order W100?"
    python examples/plain_agent.py "May I return a lamp that I broke?"
    python examples/plain_agent.py "My order W100 never came. I want my money back."

`HANDRAIL_URL` and `HANDRAIL_KEY` say which desk, as which agent. While the desk is away users get a fallback
at once, and what it should know waits in `spool/`.
"""

import os
import sys

from handrail_client import Agent, Handrail, NotRun, Pending, Retry, Run, Spool

LATER = "A colleague will write to you."

desk = Handrail(
    os.environ["HANDRAIL_URL"],
    os.environ["HANDRAIL_KEY"],
    retry=Retry(attempts=2),
    spool=Spool("spool"),
)
agent = Agent(desk, "support", "2.3")


def look_up(order: str) -> dict[str, object]:
    """Stands for the shop's own service."""
    return {"order": order, "state": "lost", "paid": 900}


@agent.needs_approval(risk="high", when=lambda amount: amount > 50, wait=60, on_refusal="return")
def refund(order: str, amount: int) -> str:
    """Send a customer's money back."""
    return f"Refunded ${amount} for {order}."


def without_people(pending: Pending) -> str:
    """What to say where nobody has decided in time."""
    return LATER


@agent.escalates(below=0.7, wait=60, resume=lambda decided: decided.answer, fallback=without_people)
def answer(message: str) -> tuple[str, float]:
    """Stands for a model: what it would say, and how sure it is of it."""
    if "Where" in message:
        return "It left our warehouse today.", 0.95
    return "Yes, of course.", 0.4


def reply(message: str) -> str:
    """One turn of the conversation."""
    with agent.run(category="returns") as run:
        run.say("user", message)
        run.used(context_tokens=len(message), cost_usd="0.001")
        words = pay_back(run) if "money back" in message else answer(message)
        words = words if isinstance(words, str) else words[0]
        run.say("assistant", words)
    return words


def pay_back(run: Run) -> str:
    """Look the order up and refund it, as far as people allow."""
    with run.tool("look_up", {"order": "W100"}) as call:
        call.result = order = look_up("W100")
    found = refund(str(order["order"]), int(str(order["paid"])))
    return LATER if isinstance(found, NotRun) else found


if __name__ == "__main__":
    with desk:
        print(reply(sys.argv[1]))
