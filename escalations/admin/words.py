"""What models and their fields are called on the settings' pages, in the language that is read.

Named here and not in the models, because Django counts a changed name as a change of the schema.
"""

from typing import TYPE_CHECKING

from django.apps import apps
from django.db.models import Model
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from escalations.models import (
    Agent,
    AgentVersion,
    ApiKey,
    Calendar,
    CheckpointSchema,
    Holiday,
    OpeningHours,
    Operator,
    Policy,
    Queue,
    ReportKey,
    Run,
    Skill,
    SlaTarget,
)

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


def call(model: type[Model], one: "StrOrPromise", many: "StrOrPromise", **fields: "StrOrPromise") -> None:
    """Name a model, one and many of it, and its fields."""
    model._meta.verbose_name, model._meta.verbose_name_plural = one, many
    name_fields(model, **fields)


def name_fields(model: type[Model], **fields: "StrOrPromise") -> None:
    """Name fields of a model."""
    for name, words in fields.items():
        model._meta.get_field(name).verbose_name = words  # type: ignore[union-attr]  # relations here are fields


call(
    Agent,
    _("agent"),
    _("agents"),
    name=_("name"),
    description=_("description"),
    default_queue=_("default queue"),
    is_active=_("is active"),
)
call(
    AgentVersion,
    _("agent version"),
    _("agent versions"),
    agent=_("agent"),
    name=_("name"),
    created_at=_("created at"),
)
call(
    Policy,
    _("policy"),
    _("policies"),
    agent=_("agent"),
    agent_version=_("agent version"),
    number=_("number"),
    rules=_("rules"),
    note=_("note"),
    created_by=_("created by"),
    created_at=_("created at"),
)
call(
    CheckpointSchema,
    _("checkpoint schema"),
    _("checkpoint schemas"),
    agent=_("agent"),
    step=pgettext_lazy("of an agent's run", "step"),
    number=_("number"),
    schema=_("schema"),
    created_at=_("created at"),
)
call(
    Run,
    _("run owed for the audit"),
    _("runs owed for the audit"),
    agent=_("agent"),
    agent_version=_("agent version"),
    run_id=_("run id"),
    category=_("category"),
    confidence=_("confidence"),
    received_at=_("received at"),
)
call(
    ApiKey,
    _("API key"),
    _("API keys"),
    agent=_("agent"),
    name=_("name"),
    prefix=_("prefix"),
    scopes=_("scopes"),
    created_by=_("created by"),
    created_at=_("created at"),
    expires_at=_("expires at"),
    revoked_at=_("revoked at"),
)
call(
    ReportKey,
    _("report key"),
    _("report keys"),
    name=_("name"),
    prefix=_("prefix"),
    scopes=_("scopes"),
    created_by=_("created by"),
    created_at=_("created at"),
    expires_at=_("expires at"),
    revoked_at=_("revoked at"),
)
call(Calendar, _("calendar"), _("calendars"), name=_("name"), timezone=_("timezone"))
call(
    OpeningHours,
    _("opening hours"),
    _("opening hours"),
    weekday=_("weekday"),
    opens=_("opens"),
    closes=_("closes"),
)
call(Holiday, _("holiday"), _("holidays"), day=_("day"), name=_("name"))
call(
    Queue,
    _("queue"),
    _("queues"),
    name=_("name"),
    description=_("description"),
    aging_seconds=_("aging seconds"),
    calendar=_("calendar"),
    overflow=pgettext_lazy("queue", "overflow"),
    mean_handle_seconds=_("mean handle seconds"),
)
call(
    SlaTarget,
    _("SLA target"),
    _("SLA targets"),
    priority=_("priority"),
    pickup_seconds=_("pickup seconds"),
    resolution_seconds=_("resolution seconds"),
    response_seconds=_("response seconds"),
)
call(Skill, _("skill"), _("skills"), name=_("name"), description=_("description"))
name_fields(
    Operator,
    role=_("role"),
    queues=_("queues"),
    can_review=_("may review"),
    skills=_("skills"),
    capacity=_("capacity"),
    hourly_cost_usd=_("hourly cost usd"),
    timezone=_("timezone"),
)
# The library that it comes from has no name for it in any language.
call(apps.get_model("mfa", "Authenticator"), _("authenticator"), _("authenticators"))
