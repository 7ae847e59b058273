"""Settings of the agents' door: keys, webhook endpoints, and what became of the webhooks."""

from agents_api.admin.deliveries import WebhookDeliveryAdmin
from agents_api.admin.endpoints import WebhookEndpointAdmin
from agents_api.admin.keys import ApiKeyAdmin, ReportKeyAdmin

__all__ = ["ApiKeyAdmin", "ReportKeyAdmin", "WebhookDeliveryAdmin", "WebhookEndpointAdmin"]
