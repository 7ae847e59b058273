"""Whether to hand off, by the agent's own policy: plain comparisons, and nothing is kept."""

from typing import Any

from django.http import HttpResponse, JsonResponse
from ninja import Router

from agents_api import auth, intake
from agents_api.auth import ApiKeyAuth, UncheckedRequest
from agents_api.documentation import openapi
from agents_api.problems import Problem
from agents_api.requests import limits
from agents_api.schemas import CheckIn, Verdict
from agents_api.schemas.parts import AgentIn
from escalations.models import Policy, Scope
from escalations.policy import policies, triggers
from escalations.policy.policies import Finding, Signals

router = Router(auth=ApiKeyAuth(Scope.CHECKS))


@router.post(
    "/checks",
    auth=ApiKeyAuth(Scope.CHECKS, look_up=False),
    response={200: Verdict},
    url_name="checks",
    summary="Ask whether to hand off",
    openapi_extra=openapi.taking(CheckIn, problems=[400, 403, 413, 415, 422]),
)
def check(request: UncheckedRequest) -> HttpResponse:
    """Whether the policy of your agent's version asks for a person, with every reason.

    The same signals and policy always give the same answer. Nothing is kept: a version that is not known
    yet is judged by the policy of its agent and registered only when it hands off.

    An argument that a condition names and that is missing, or cannot be compared, counts as meeting it.
    """
    credentials = request.auth
    try:
        asked = intake.validate(CheckIn, intake.read(request))
    except Problem:
        auth.identify(credentials)  # who may not come in learns nothing about the request
        raise
    looked = policies.of_key(
        prefix=credentials.prefix, digest=credentials.digest, version=asked.agent.version
    )
    if looked is None:
        raise auth.unauthenticated()
    limits.learn(credentials, looked.requests_per_second)
    auth.check_scope(Scope.CHECKS, looked.scopes)
    if asked.agent.name != looked.agent_name:
        raise Problem("wrong-agent")
    return JsonResponse(verdict(asked, looked.policy))


def verdict(asked: CheckIn, policy: Policy | None) -> dict[str, Any]:
    """What the policy says, as a JSON value."""
    return policy_says(asked.agent, signals_of(asked), policy)


def policy_says(agent: AgentIn, signals: Signals, policy: Policy | None) -> dict[str, Any]:
    """Whether to hand off for these signals, with every reason, and how."""
    found = policies.reasons(policy.rules, signals) if policy else []
    how = policies.handoff_as(found, signals)
    version = f"{agent.name} {agent.version}"
    return {
        "escalate": bool(found),
        "reasons": [_reason(finding, version, str(policy)) for finding in found],
        "policy_version": policy.number if policy else None,
        "handoff": {"kind": how[0].value, "reason": how[1].value} if how else None,
    }


def signals_of(asked: CheckIn) -> Signals:
    """The request as the domain takes it."""
    usage = asked.usage.model_dump() if asked.usage else {}
    return Signals(
        confidence=asked.confidence,
        category=asked.category or "",
        usage=usage | {"tool_failures": asked.tool_failures},
        pending_actions=[action.model_dump() for action in asked.pending_actions],
        last_user_message=asked.last_user_message,
        asked_for_person=asked.asked_for_person,
        failed_checkpoints=asked.failed_checkpoints,
    )


def _reason(finding: Finding, version: str, policy: str) -> dict[str, Any]:
    words = triggers.in_words(finding, version=version, policy=policy)
    return {
        "code": finding.code.value,
        "detail": f"{words.strong} {words.rest}",
        "subject": finding.subject,
        "value": finding.value,
        "limit": finding.limit,
        "conditions": list(finding.conditions),
        "unclear": list(finding.unclear),
    }
