"""Figures for Prometheus: counters of this process, and gauges read from the database at each scrape."""

import secrets
from collections.abc import Iterable, Iterator
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db.models import Count, Min
from django.db.models.functions import Extract, Now
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from agents_api.models import DeliveryState, WebhookDelivery
from config.health import sweep_lags
from escalations.models import Escalation, Queue


@login_not_required
@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Everything in Prometheus' text format, for admins and for whoever sends METRICS_TOKEN."""
    if not (_sends_token(request) or _is_admin(request)):
        return HttpResponseForbidden(
            "Only admins and the scraper may see the figures.\n", content_type="text/plain"
        )
    database = CollectorRegistry()
    database.register(DatabaseFigures())
    return HttpResponse(
        generate_latest(REGISTRY) + generate_latest(database), content_type=CONTENT_TYPE_LATEST
    )


class DatabaseFigures(Collector):
    """The state of the desk, the same whichever process is asked."""

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """Nothing: the names are known only when the figures are read."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Read the figures now."""
        yield from _open_cases()
        yield _deliveries()
        lags = GaugeMetricFamily(
            "handrail_sweep_lag_seconds", "Since the sweep last finished.", labels=["sweep"]
        )
        for name, seconds in sweep_lags().items():
            lags.add_metric([name], seconds)
        yield lags


def _open_cases() -> Iterator[GaugeMetricFamily]:
    count = GaugeMetricFamily("handrail_open_cases", "Open cases.", labels=["queue", "state"])
    age = GaugeMetricFamily(
        "handrail_oldest_open_case_seconds", "Age of the oldest open case.", labels=["queue"]
    )
    oldest: dict[str, float] = dict.fromkeys(Queue.objects.values_list("name", flat=True), 0.0)
    rows = (
        Escalation.objects.open()
        .values("queue__name", "state")
        .annotate(cases=Count("id"), seconds=Extract(Now() - Min("received_at"), "epoch"))
    )
    for row in rows:
        count.add_metric([row["queue__name"], row["state"]], row["cases"])
        oldest[row["queue__name"]] = max(oldest[row["queue__name"]], float(row["seconds"]))
    for queue, seconds in oldest.items():
        age.add_metric([queue], seconds)
    yield from (count, age)


def _deliveries() -> GaugeMetricFamily:
    """What an index finds quickly: all that are pending, and those of the last day that failed."""
    family = GaugeMetricFamily(
        "handrail_webhook_deliveries", "Pending webhooks, and those given up within a day.", labels=["state"]
    )
    pending = WebhookDelivery.objects.filter(state=DeliveryState.PENDING)
    failed = WebhookDelivery.objects.filter(
        state=DeliveryState.FAILED, created_at__gt=Now() - timedelta(days=1)
    )
    for state, deliveries in (("pending", pending), ("failed", failed)):
        family.add_metric([state], deliveries.count())
    return family


def _sends_token(request: HttpRequest) -> bool:
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return bool(settings.METRICS_TOKEN) and secrets.compare_digest(
        given.encode(), settings.METRICS_TOKEN.encode()
    )


def _is_admin(request: HttpRequest) -> bool:
    return request.user.is_authenticated and request.user.is_desk_admin
