"""The figures of the desk, for programs that hold a report key."""

from django.http import HttpResponse, JsonResponse
from ninja import Router

from agents_api import openapi
from agents_api.auth import ReaderRequest, ReportKeyAuth
from agents_api.schemas.metrics import MetricList
from escalations.metrics import METRICS
from escalations.models import ReportScope

router = Router(auth=ReportKeyAuth(ReportScope.METRICS))


@router.get(
    "/metrics",
    response={200: MetricList},
    url_name="metrics",
    summary="List the metrics",
    openapi_extra=openapi.reading(problems=[]),
)
def list_metrics(request: ReaderRequest) -> HttpResponse:
    """Every metric of the desk with its definition."""
    return JsonResponse(
        {
            "items": [
                {
                    "name": metric.name,
                    "title": str(metric.title),
                    "meaning": str(metric.meaning),
                    "unit": metric.unit,
                }
                for metric in METRICS.values()
            ]
        }
    )
