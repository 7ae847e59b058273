"""Webhooks: outbox receivers, signing, egress guard and delivery."""
