"""The named statements of the hot paths."""

from uuid import uuid4

import pytest
from django.db import connection, transaction

from escalations import sql
from escalations.models import Operator
from tests.statements import statements

pytestmark = pytest.mark.django_db


def test_named_statements_are_prepared_once_and_others_never() -> None:
    for _ in range(10):
        sql.run("proposed", case_id=uuid4())
        Operator.objects.count()
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements")
        [(statement,)] = cursor.fetchall()
    assert "escalations_handoff" in statement


def test_statements_are_counted_whatever_cursor_sends_them() -> None:
    with statements() as sent, transaction.atomic():
        for _ in range(3):
            sql.run("proposed", case_id=uuid4())
        Operator.objects.count()
    assert sent.number == 4
