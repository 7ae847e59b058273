"""What came up at billing. Version 2.3 reads amounts better than 2.2, but fails more often at its tools."""

from demo.stories.telling import Fill, Story, answered, approved, edited, rejected
from demo.writing import Scenario, action, fields, known, says, scenario, step, tool, user
from escalations.models import Disposition, FailureMode

_MONEY = {"type": "string", "pattern": "^[0-9]+\\.[0-9]{2}$"}
_CREDIT = fields({"account": {"type": "string"}, "amount": _MONEY, "currency": {"enum": ["USD", "EUR"]}})
_REFUND = fields(
    {"invoice": {"type": "string"}, "amount": _MONEY, "to": {"enum": ["card", "bank", "credit"]}}
)


def late_fee(fill: Fill) -> Scenario:
    account, fee = fill.id("A-"), fill.sum(15, 45)
    return scenario(
        "billing",
        FailureMode.EDGE_CASE,
        [
            user(f"Please drop the late fee of ${fee}. The transfer was on time, the bank was slow."),
            tool("get_account", {"account": account}, {"late_fees": 1, "waived_before": fill.number(0, 3)}),
            says("I can ask for that. One moment please."),
        ],
        kind="approval",
        reason="policy",
        category="fee",
        question=f"Waive a late fee of ${fee}?",
        summary=f"{fill.name} asks to drop a late fee; the bank was slow.",
        actions=[action("apply_credit", {"account": account, "amount": fee, "currency": "USD"}, _CREDIT,
                        why="Credits the late fee.", risk="low")],
        context=known({"account": account, "fee": f"${fee}"}),
        usage=fill.used(FailureMode.EDGE_CASE),
    )  # fmt: skip


def charged_twice(fill: Fill) -> Scenario:
    invoice, net = fill.id("INV-"), fill.sum(80, 420)
    gross = f"{float(net) * 1.19:.2f}"
    return scenario(
        "billing",
        FailureMode.ERROR_CASCADE,
        [
            user(f"You charged invoice {invoice} twice."),
            tool("get_invoice", {"invoice": invoice}, {"invoice": invoice, "net": net, "gross": gross, "charges": 2}),
            tool("compute_refund", {"net": net}, {"refund": net}),
            says(f"I see the second charge and will refund ${net}."),
            user(f"It was ${gross} on my statement."),
        ],
        kind="approval",
        reason="low_confidence",
        category="refund",
        question=f"Refund ${net} for a double charge?",
        summary=f"{fill.name} was charged twice; the refund was computed from the net amount.",
        skills=["refunds"],
        priority=fill.one_of("high", "urgent"),
        steps=[
            step("find invoice", call=0),
            step("compute refund", call=1, ok=False, checkpoint="refund.v1",
                 errors=[f"refund {net} differs from the second charge {gross}"]),
            step("propose refund"),
        ],
        actions=[action("issue_refund", {"invoice": invoice, "amount": net, "to": "card"}, _REFUND,
                        why="Sends the money back at once.", risk="medium")],
        suggestions=[{"content": f"${net} is on its way back to your card."}],
        context=known({"invoice": invoice, "statement": f"${gross}"}),
        usage=fill.used(FailureMode.ERROR_CASCADE),
        metadata={"gross": gross},
    )  # fmt: skip


def card_was_declined(fill: Fill) -> Scenario:
    invoice, amount = fill.id("INV-"), fill.sum(30, 300)
    return scenario(
        "billing",
        FailureMode.INTEGRATION,
        [
            user("My card was declined, but it works everywhere else."),
            tool("capture_payment", {"invoice": invoice, "amount": amount}, {"error": "timeout", "after_ms": 30000}),
            tool("capture_payment", {"invoice": invoice, "amount": amount}, {"error": "timeout", "after_ms": 30000}),
            says("The payment provider does not answer. I would try once more."),
        ],
        kind="approval",
        reason="tool_error",
        category="payment",
        question=f"Charge ${amount} again after two time-outs?",
        summary=f"Payment provider timed out twice for {fill.name}.",
        steps=[
            step("capture payment", call=0, ok=False, seconds=30, checkpoint="payment.v3", errors=["timeout after 30 s"]),
            step("capture again", call=1, ok=False, seconds=30),
        ],
        actions=[action("retry_charge", {"invoice": invoice, "amount": amount},
                        fields({"invoice": {"type": "string"}, "amount": _MONEY}), why="Charges the card.", risk="high")],
        context=known({"invoice": invoice}),
        usage=fill.used(FailureMode.INTEGRATION),
    )  # fmt: skip


def tax_number(fill: Fill) -> Scenario:
    invoice = fill.id("INV-")
    return scenario(
        "billing",
        FailureMode.EDGE_CASE,
        [
            user(f"Invoice {invoice} needs our VAT number, but the year is already closed. Can you still change it?"),
            tool("get_invoice", {"invoice": invoice}, {"invoice": invoice, "status": "paid", "year": "closed"}),
            says("I am not certain whether a closed year can be corrected."),
        ],
        kind="question",
        reason="low_confidence",
        category="tax",
        question="May an invoice of a closed year be reissued with a VAT number?",
        summary=f"{fill.name} asks for a VAT number on an old invoice.",
        response_schema=fields({"reissue": {"type": "boolean", "title": "Reissue the invoice"}},
                               note={"type": "string"}),
        context=known({"invoice": invoice, "year": "closed"}),
        usage=fill.used(FailureMode.EDGE_CASE),
    )  # fmt: skip


def downgrade(fill: Fill) -> Scenario:
    seats = fill.number(4, 40)
    return scenario(
        "billing",
        FailureMode.COST,
        [
            user(f"What would we save if we went from {seats + 6} to {seats} seats?"),
            *[part for page in range(1, 5) for part in [tool("read_prices", {"page": page}, {"rows": 25})]],
            says(f"You would save ${seats * 9}.00 a month."),
        ],
        kind="review",
        reason="budget",
        category="plan",
        question="Is this saving right, and was it worth its cost?",
        summary=f"Price question of {fill.name}, answered after reading the whole price list.",
        priority="low",
        suggestions=[{"content": f"You would save ${seats * 9}.00 a month."}],
        context=known({"seats": seats + 6, "wanted": seats}),
        usage=fill.used(FailureMode.COST),
    )  # fmt: skip


def new_instalments(fill: Fill) -> Scenario:
    total, months = fill.number(6, 30) * 100, fill.number(3, 9)
    return scenario(
        "billing",
        FailureMode.CONTEXT_DILUTION,
        [
            user(f"Could we pay the ${total} in {months} instalments?"),
            says(f"Yes, {months} instalments are possible."),
            user("And start in two months, please, when the season begins."),
            says("Of course. Shall I put it in writing?"),
            user("Yes, and leave out the fee as you said on the phone."),
            says(f"Here it is: ${total} in {months + 3} instalments, from next month, with the fee."),
        ],
        kind="review",
        reason="context_limit",
        category="payment_plan",
        question="Is this payment plan what was agreed?",
        summary=f"Plan of {fill.name}: {months} instalments, start in two months, no fee.",
        suggestions=[{"content": f"${total} in {months + 3} instalments from next month, with the fee."}],
        context=known({"total": f"${total}"}, [f"{months} instalments", "Start in two months", "No fee"]),
        usage=fill.used(FailureMode.CONTEXT_DILUTION),
    )  # fmt: skip


STORIES = (
    Story(late_fee, FailureMode.EDGE_CASE, {"2.2": 4, "2.3": 4}, approved(), (
        rejected("It would be the third waiver this year. Offer a direct debit instead.", note="limit: two a year"),
    )),
    Story(charged_twice, FailureMode.ERROR_CASCADE, {"2.2": 7, "2.3": 2}, approved("Your refund is on its way."), (
        edited({"amount": "$gross"}, "You will get back the whole second charge.", first_error_index=1),
        rejected("The second charge is a reservation that lapses by itself.", first_error_index=1),
    )),
    Story(card_was_declined, FailureMode.INTEGRATION, {"2.2": 2, "2.3": 6}, approved(), (
        rejected("The first capture went through after all; a third would charge twice.", first_error_index=0),
    )),
    Story(tax_number, FailureMode.EDGE_CASE, {"2.2": 2, "2.3": 3},
          answered("Yes, we can reissue it.", response={"reissue": True}, disposition=Disposition.NOT_NEEDED,
                   agent_correct="yes"),
          (answered("A closed year stays closed; we can add a separate statement.",
                    response={"reissue": False, "note": "send form ST-2"}),)),
    Story(downgrade, FailureMode.COST, {"2.2": 1, "2.3": 4}, approved(), (
        answered("The price list is a table: read the one row that is asked for.", note="could be code"),
    )),
    Story(new_instalments, FailureMode.CONTEXT_DILUTION, {"2.2": 4, "2.3": 2}, approved(), (
        answered("We confirm the number of instalments that you asked for, starting in two months, without the fee."),
    )),
)  # fmt: skip
