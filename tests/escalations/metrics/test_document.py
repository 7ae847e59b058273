"""The page of all metrics is committed as the registry has it."""

from django.conf import settings

from escalations.metrics import document


def test_the_committed_page_is_what_the_registry_says():
    committed = settings.BASE_DIR / "docs" / "metrics.md"
    assert committed.read_text() == document.text(), "`python manage.py export_metrics` writes it anew"
