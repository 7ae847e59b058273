"""What is built in: what each failure mode means, and the codes of published taxonomies.

MAST: Cemri et al., "Why Do Multi-Agent LLM Systems Fail?", arXiv:2503.13657. AgentRx: Barke et al., "AgentRx:
Diagnosing AI Agent Failures from Execution Trajectories", arXiv:2602.02475. Their names stay in English.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from escalations.models import FailureMode

MEANINGS: dict[FailureMode, Promise] = {
    FailureMode.EDGE_CASE: _(
        "The agent met something that it does not know or may not do, and answered as if it did."
    ),
    FailureMode.CONTEXT_DILUTION: _(
        "The conversation or its context was so long that the agent lost what was said before."
    ),
    FailureMode.ERROR_CASCADE: _("An early step went wrong, and what came after was built on it."),
    FailureMode.INTEGRATION: _(
        "A tool or an interface failed, or sent something else than what the agent took it for."
    ),
    FailureMode.COST: _("The run took more money, time or tries than the task was worth."),
    FailureMode.OTHER: _("Something else went wrong. Say in the note what."),
    FailureMode.NONE: _("The agent did what was right. The case is here for another reason."),
}


@dataclass(frozen=True)
class Code:
    """A code of a published taxonomy. `group` is which one."""

    value: str
    title: str
    group: str

    # Those of multi-agent systems say nothing where one agent works.
    @property
    def is_offered(self) -> bool:
        """Whether it is offered until a taxonomy says which are."""
        return not self.value.startswith("MAST-2") or self.value in ("MAST-2.2", "MAST-2.3", "MAST-2.6")


def _mast(number: str, title: str) -> Code:
    return Code(f"MAST-{number}", title, "MAST")


def _agentrx(name: str, title: str) -> Code:
    return Code(f"AgentRx-{name}", title, "AgentRx")


CODES = (
    _mast("1.1", "Disobey task specification"),
    _mast("1.2", "Disobey role specification"),
    _mast("1.3", "Step repetition"),
    _mast("1.4", "Loss of conversation history"),
    _mast("1.5", "Unaware of termination conditions"),
    _mast("2.1", "Conversation reset"),
    _mast("2.2", "Fail to ask for clarification"),
    _mast("2.3", "Task derailment"),
    _mast("2.4", "Information withholding"),
    _mast("2.5", "Ignored other agent’s input"),
    _mast("2.6", "Reasoning-action mismatch"),
    _mast("3.1", "Premature termination"),
    _mast("3.2", "No or incomplete verification"),
    _mast("3.3", "Incorrect verification"),
    _agentrx("plan-adherence", "Plan adherence failure"),
    _agentrx("invention", "Invention of new information"),
    _agentrx("invalid-invocation", "Invalid invocation"),
    _agentrx("misread-output", "Misinterpretation of tool output"),
    _agentrx("intent-plan", "Intent-plan misalignment"),
    _agentrx("under-specified", "Under-specified user intent"),
    _agentrx("not-supported", "Intent not supported"),
    _agentrx("guardrails", "Guardrails triggered"),
    _agentrx("system-failure", "System failure"),
)
