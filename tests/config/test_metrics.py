import pytest

from escalations.models import Operator, Queue, Role


def sign_in(client, role):
    client.force_login(Operator.objects.create_user(role, role=role))


@pytest.mark.parametrize("role", [None, Role.OPERATOR, Role.REVIEWER])
def test_figures_are_not_for_everyone(client, db, role):
    if role:
        sign_in(client, role)
    assert client.get("/metrics").status_code == 403


def test_an_admin_sees_the_figures_of_process_and_desk(client, db):
    sign_in(client, Role.ADMIN)
    Queue.objects.create(name="refunds")
    client.get("/healthz")
    body = client.get("/metrics").content.decode()
    assert 'handrail_http_request_seconds_count{method="GET",status="200",view="healthz"}' in body
    assert 'handrail_oldest_open_case_seconds{queue="refunds"} 0.0' in body
    assert 'handrail_webhook_deliveries{state="pending"} 0.0' in body


def test_a_scraper_needs_the_right_token(client, db, settings):
    settings.METRICS_TOKEN = "scrape-me"
    assert client.get("/metrics", headers={"Authorization": "Bearer scrape-me"}).status_code == 200
    assert client.get("/metrics", headers={"Authorization": "Bearer größer"}).status_code == 403
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 403


def test_without_a_configured_token_an_empty_one_opens_nothing(client, db, settings):
    settings.METRICS_TOKEN = ""
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 403


def test_open_cases_are_counted_with_few_queries(client, db, django_assert_max_num_queries):
    sign_in(client, Role.ADMIN)
    for name in ("one", "two", "three", "four"):
        Queue.objects.create(name=name)
    with django_assert_max_num_queries(8):
        client.get("/metrics")
