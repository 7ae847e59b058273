"""Who comes in, and what is shown to those who may not or who meet a fault."""

import pytest
from django.contrib.messages import get_messages
from django.template import loader
from django.urls import reverse

from escalations.models import Operator
from tests.factories import make_operator

pytestmark = pytest.mark.django_db


def test_nobody_signs_up(client):
    fields = {"username": "mallory", "password1": "correct horse 9", "password2": "correct horse 9"}
    answer = client.post(reverse("account_signup"), fields)
    assert b"Sign Up Closed" in answer.content
    assert not Operator.objects.filter(username="mallory").exists()


def test_the_right_password_leads_to_the_page_that_was_asked_for(client):
    operator = make_operator("noor")
    operator.set_password("correct horse 9")
    operator.save(update_fields=["password"])
    answer = client.post(
        reverse("account_login"), {"login": "noor", "password": "correct horse 9", "next": "/?view=mine"}
    )
    assert (answer.status_code, answer.headers["Location"]) == (302, "/?view=mine")
    assert not list(get_messages(answer.wsgi_request))


@pytest.mark.parametrize(
    ("page", "back"),
    [
        ("http://testserver/reviews/?a=1&b=2", "/reviews/%3Fa%3D1%26b%3D2"),
        ("http://elsewhere.example/reviews/", "/"),
        ("", "/"),
    ],
)
def test_who_sends_a_form_after_the_session_ended_comes_back_to_its_page(client, page, back):
    answer = client.post(reverse("next_review"), {"state": "waiting"}, headers={"Referer": page})
    assert answer.headers["Location"] == f"/accounts/login/?next={back}"


def test_a_wrong_password_is_said_in_words_beside_the_form(client):
    answer = client.post(reverse("account_login"), {"login": "noor", "password": "guess"})
    assert b"not correct" in answer.content
    assert b"<h1>Sign in</h1>" in answer.content


def test_the_sign_in_page_allows_nothing_foreign(client):
    policy = client.get(reverse("account_login")).headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_what_does_not_exist_says_what_to_do_next(client):
    client.force_login(make_operator("noor"))
    answer = client.get("/no/such/page/")
    assert answer.status_code == 404
    assert b"To the queue" in answer.content


@pytest.mark.parametrize("name", ["403.html", "403_csrf.html", "404.html", "500.html"])
def test_error_pages_need_neither_request_nor_database(name, django_assert_num_queries):
    with django_assert_num_queries(0):
        html = loader.get_template(name).render()
    assert html.count("<h1>") == 1
    assert 'href="/"' in html


def test_the_second_factor_has_the_look_of_the_desk(client):
    client.force_login(make_operator("noor"))
    html = client.get(reverse("mfa_index")).content.decode()
    assert 'class="button"' in html
    assert 'class="rail"' in html
