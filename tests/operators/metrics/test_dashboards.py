"""Pages of figures that are kept: whose they are, another name, gone and back."""

import re

import pytest
from django.urls import reverse

from operators.models import Dashboard
from tests.factories import make_admin, make_operator

pytestmark = pytest.mark.django_db


@pytest.fixture
def ruth(client):
    operator = make_operator("ruth", role="reviewer", first_name="Ruth")
    client.force_login(operator)
    return operator


def keep(owner, name="Costs", **fields):
    return Dashboard.objects.create(owner=owner, name=name, page="costs", query="agent=support", **fields)


def bar(client):
    page = client.get(reverse("costs"), {"agent": "support"}).content.decode()
    return " ".join(re.sub(r"<[^>]*>", " ", page.split('dashboards">')[1].split("<main")[0]).split())


def test_who_shares_a_page_is_said_and_only_they_and_admins_change_it(client, ruth):
    theirs = keep(make_operator("noor", role="reviewer", first_name="Noor"), is_shared=True)
    keep(ruth, "Mine")

    assert bar(client).startswith("Costs shared by Noor Mine Rename")
    for name in ("rename_dashboard", "delete_dashboard"):
        assert client.post(reverse(name, args=[theirs.pk]), {"name": "Ours"}).status_code == 403


def test_a_page_gets_another_name_that_its_owner_has_not_given_yet(client, ruth):
    mine = keep(ruth)
    keep(ruth, "Other")
    address = reverse("rename_dashboard", args=[mine.pk])

    taken = client.post(address, {"name": "Other"}, follow=True).content.decode()
    assert "You have a dashboard of this name already." in taken
    client.post(address, {"name": " What  it costs ", "is_shared": "on"})

    mine.refresh_from_db()
    assert (mine.name, mine.is_shared) == ("What it costs", True)


def test_what_an_admin_deletes_comes_back_to_its_owner(client, ruth):
    kept = keep(ruth, is_shared=True)
    client.force_login(make_admin("boss"))
    page = client.post(reverse("delete_dashboard", args=[kept.pk]), follow=True).content.decode()
    assert not Dashboard.objects.exists()
    [token] = re.findall(r'"kept": "([^"]+)"', page.replace("&quot;", '"'))

    client.force_login(make_operator("kim", role="reviewer"))
    assert client.post(reverse("restore_dashboard"), {"kept": token}).status_code == 403
    # A view is no dashboard, whatever its token says.
    assert client.post(reverse("restore_view"), {"kept": token}).status_code == 404
    client.force_login(ruth)
    answer = client.post(reverse("restore_dashboard"), {"kept": token})

    assert answer.headers["HX-Redirect"] == "/figures/cost/?agent=support"
    back = Dashboard.objects.get()
    assert (back.pk, back.owner, back.name, back.is_shared) == (kept.pk, ruth, "Costs", True)

    Dashboard.objects.update(name="Changed since")
    again = client.post(reverse("restore_dashboard"), {"kept": token})
    assert again.headers["HX-Redirect"] == answer.headers["HX-Redirect"]
    assert Dashboard.objects.get().name == "Changed since"
