"""The texts of the scripts come once for each language and release."""

import pytest

from operators import catalogue


@pytest.mark.django_db
def test_the_address_in_the_page_leads_to_texts_that_a_browser_may_keep(client):
    answer = client.get(catalogue.address())
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert "immutable" in answer.headers["Cache-Control"]
    assert b"gettext" in answer.content
    assert "Set-Cookie" not in answer.headers


@pytest.mark.django_db
def test_texts_of_another_release_are_not_kept_under_the_address_of_this_one(client):
    answer = client.get("/language/en/000000000000.js")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert client.get("/language/tlh/000000000000.js").status_code == 404
