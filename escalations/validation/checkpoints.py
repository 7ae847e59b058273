"""Checkpoints: whether the output of a step is what its agent said it must be.

An agent registers a JSON Schema for a step. Each one that differs from the last is a new number and stays
as it is; the newest counts. What a tool sent back is classified by the rules that the case page uses, too.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from escalations.auditing import audit
from escalations.models import (
    Agent,
    AgentVersion,
    Checkpoint,
    CheckpointSchema,
    Escalation,
    Fault,
    Reason,
)
from escalations.sla import clocks
from escalations.validation import json_schemas, tool_faults
from escalations.validation.json_schemas import Misfits
from escalations.validation.tool_faults import ToolFault

# What the tool did, or what is wrong with where it got its answer from.
OF_TOOLS = (Fault.TIMEOUT, Fault.HTTP_ERROR, Fault.HTML, Fault.STALE)
_OF_KIND = (Fault.EMPTY, Fault.HTML, Fault.MISMATCH)


@dataclass(frozen=True)
class ToolResult:
    """What is known of a call whose answer is the output: all that the agent saw of it."""

    status: str = "ok"
    http_status: int | None = None
    content_type: str = ""
    duration_ms: int | None = None
    timeout_ms: int | None = None
    observed_at: datetime | None = None
    max_age_seconds: float | None = None

    @property
    def ran_out(self) -> bool:
        """Whether it took all the time that it had."""
        if self.duration_ms is None or self.timeout_ms is None:
            return self.status == "timeout"
        return self.status == "timeout" or self.duration_ms >= self.timeout_ms


@dataclass(frozen=True)
class Examined:
    """What was found: the kind of fault or `Fault.OK`, in words, and where the schema is broken."""

    fault: Fault
    detail: str = ""
    misfits: Misfits = field(default_factory=Misfits)

    @property
    def passed(self) -> bool:
        return self.fault is Fault.OK


@dataclass(frozen=True)
class About:
    """Where an output came from, and the case that was opened for it, if one was."""

    tool: str = ""
    http_status: int | None = None
    run_id: str = ""
    conversation_id: str = ""
    case_id: UUID | None = None


def register(
    *, agent_id: int, step: str, schema: Mapping[str, Any], actor: str
) -> tuple[CheckpointSchema, bool]:
    """The schema of a step from now on, and whether it is new. One equal to the newest changes nothing.

    Raises:
        Unusable: it cannot be used; says where.
    """
    json_schemas.check(schema)
    sha256 = hashlib.sha256(json_schemas.canonical(schema).encode()).hexdigest()
    with transaction.atomic():
        # Of equal ones that come at once the first is new, and the others find it.
        Agent.objects.select_for_update(no_key=True).get(pk=agent_id)
        newest = in_force(agent_id, step)
        if newest and newest.sha256 == sha256:
            return newest, False
        row = CheckpointSchema.objects.create(
            agent_id=agent_id,
            step=step,
            number=newest.number + 1 if newest else 1,
            schema=schema,
            sha256=sha256,
        )
        audit.write(actor=actor, action="checkpoint.schema", target=f"checkpointschema:{row.pk}")
        row.refresh_from_db(fields=["created_at"])
    return row, True


def in_force(agent_id: int, step: str, number: int | None = None) -> CheckpointSchema | None:
    """The newest schema of a step, or that of a number."""
    found = CheckpointSchema.objects.filter(agent_id=agent_id, step=step).order_by("-number")
    return (found if number is None else found.filter(number=number)).first()


def examine(schema: Mapping[str, Any] | None, output: Any, tool: ToolResult | None = None) -> Examined:
    """Whether an output is what it must be. What a call did counts before what came back."""
    if tool and (fault := _reported(tool)):
        return Examined(fault.kind, fault.words)
    output, found = _read(schema, output, is_answer=tool is not None)
    admitted = schema is not None and not found
    fault = _told(output, admitted, tool)
    if fault is None and found:
        fault = ToolFault(Fault.MISMATCH, str(tool_faults.MISFIT))
    if fault is None and tool:
        fault = _aged(tool)
    if fault is None:
        return Examined(Fault.OK)
    return Examined(fault.kind, fault.words, found)


def keep(
    *, agent_id: int, version: str, step: str, schema: CheckpointSchema | None, found: Examined, about: About
) -> Checkpoint:
    """Write down what was found."""
    return Checkpoint.objects.create(
        agent_version=AgentVersion.objects.get_or_create(agent_id=agent_id, name=version)[0],
        step=step,
        schema=schema,
        fault=found.fault,
        passed=found.passed,
        errors=[asdict(misfit) for misfit in found.misfits.shown],
        tool=about.tool,
        http_status=about.http_status,
        run_id=about.run_id,
        conversation_id=about.conversation_id,
        case_id=about.case_id,
    )


def of_case(case: Escalation) -> Checkpoint | None:
    """The checkpoint that opened a case. One that was opened for another reason is not asked."""
    return getattr(case, "checkpoint", None) if case.reason == Reason.CHECKPOINT_FAILED else None


def _reported(tool: ToolResult) -> ToolFault | None:
    if tool.ran_out:
        return ToolFault(Fault.TIMEOUT, str(tool_faults.TIMED_OUT))
    if tool.http_status is not None and tool.http_status >= 400:
        return tool_faults.of_status(tool.http_status)
    return None


def _read(schema: Mapping[str, Any] | None, output: Any, *, is_answer: bool) -> tuple[Any, Misfits]:
    """The output, and where it breaks the schema. A tool's text is read as JSON unless it must be a text."""
    found = Misfits() if schema is None else json_schemas.misfits(schema, output)
    if not is_answer or not isinstance(output, str) or (schema is not None and not found):
        return output, found
    try:
        read = json.loads(output)
        json.dumps(read, ensure_ascii=False).encode()  # half of a surrogate pair is no text
    except (ValueError, RecursionError):
        return output, found
    return read, Misfits() if schema is None else json_schemas.misfits(schema, read)


def _told(output: Any, admitted: bool, tool: ToolResult | None) -> ToolFault | None:
    """What the output says of itself. What the schema admits must say so plainly to be a fault."""
    fault = None
    if output is None or isinstance(output, str):
        fault = _told_by_text(output or "", tool)
        if fault and admitted and fault.kind in _OF_KIND:
            fault = None
    elif tool and isinstance(output, dict):
        fault = tool_faults.classify_object(output)
        # A "code" of 450 may be that of a product.
        plain = output.get("error") or output.get("errors") or (fault and fault.kind is Fault.STALE)
        fault = None if admitted and not plain else fault
    return fault or _failed(tool)


def _told_by_text(text: str, tool: ToolResult | None) -> ToolFault | None:
    """Words of a model are not read as those of a tool would be: only that there are none, or a page."""
    if text.strip() and tool is None and not tool_faults.is_html(text.strip()):
        return None
    fault = tool_faults.classify(text)
    if fault is None and tool and tool.content_type.startswith("text/html"):
        return tool_faults.html()
    return fault


def _failed(tool: ToolResult | None) -> ToolFault | None:
    failed = tool is not None and tool.status == "error"
    return ToolFault(Fault.HTTP_ERROR, _("an error that the tool reports")) if failed else None


def _aged(tool: ToolResult) -> ToolFault | None:
    """Whether the answer is older than it may be, by the database's clock."""
    if tool.observed_at is None or tool.max_age_seconds is None:
        return None
    age = (clocks.database_now() - tool.observed_at).total_seconds()
    return tool_faults.stale_since(age) if age > tool.max_age_seconds else None
