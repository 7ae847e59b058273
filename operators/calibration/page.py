"""Of which version and which source of confidence the page of calibration is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from escalations.models import AgentVersion, CalibrationLook, ConfidenceSource, Run
from operators import parameters

_VERSIONS_MAX = 200


@dataclass(frozen=True)
class Subject:
    """A version and where its confidence comes from, with what else could be chosen."""

    version: AgentVersion
    source: str
    versions: Sequence[AgentVersion]
    sources: Sequence[tuple[str, str]]

    @property
    def url(self) -> str:
        query = urlencode({"version": self.version.pk, "source": self.source})
        return f"{reverse('calibration')}?{query}"

    def draft_url(self, look: CalibrationLook) -> str:
        """Of the policy of the version, with the threshold of that look in it."""
        query = urlencode({"version": self.version.pk, "look": look.pk})
        return f"{reverse('policy', args=[self.version.agent_id])}?{query}"


def subject(asked: Mapping[str, str]) -> Subject | None:
    """What was chosen, else the newest version of which runs were drawn; None if there is none.

    Raises:
        Http404: the version has no drawn runs, or there is no such source.
    """
    versions = _versions()
    if not versions:
        return None
    key = parameters.number(asked.get("version", ""))
    chosen = next((one for one in versions if one.pk == key), None if asked.get("version") else versions[0])
    if chosen is None:
        raise Http404(_("Nothing was audited of this version."))
    sources = [
        (source.value, str(source.label))
        for source in ConfidenceSource
        if _drawn().filter(agent_version=chosen, confidence_source=source.value).exists()
    ]
    source = asked.get("source", sources[0][0] if sources else "")
    if source not in ConfidenceSource.values:
        raise Http404(_("There is no such source of confidence."))
    return Subject(chosen, source if source in dict(sources) else sources[0][0], versions, sources)


def _versions() -> list[AgentVersion]:
    """Those of which runs were drawn, the newest first."""
    mine = _drawn().filter(agent_version=OuterRef("pk"))
    found = AgentVersion.objects.filter(Exists(mine)).select_related("agent")
    return list(found.order_by("-created_at", "-pk")[:_VERSIONS_MAX])


def _drawn() -> QuerySet[Run]:
    return Run.objects.filter(drawn=True)
