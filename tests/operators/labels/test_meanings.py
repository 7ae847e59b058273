"""The pages in which admins write what the labels mean and how to give them."""

import pytest

from escalations.labels import guidelines, taxonomy
from escalations.models import Guideline, LabelRevision, Taxonomy
from escalations.transitions import Suggested
from tests.factories import claim, decide, make_admin, make_case, make_operator

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss(client):
    operator = make_admin("boss")
    client.force_login(operator)
    return operator


def typed(page, **changes):
    """What a browser would send of the form on the page."""
    form = page.context["form"]
    values = {name: form[name].value() for name in form.fields}
    kept = {name: value for name, value in values.items() if value is not None and value is not False}
    return kept | {"note": "Because"} | changes


def told(page):
    """The lines of what a number says."""
    return [line.shown for chunk in page.context["chunks"] for line in chunk.lines]


def test_what_a_mode_means_is_written_and_stands_beside_the_labels(client, boss):
    page = client.get("/taxonomy/")
    sent = typed(
        page,
        **{
            "cost-title": "Too dear",
            "cost-meaning": "More than $1",
            "cost-examples": "Nine searches\n\nTwo days",
        },
        codes=["MAST-1.1"],
    )
    del sent["integration-on"]
    assert client.post("/taxonomy/", sent).status_code == 302
    made = taxonomy.in_force()
    assert (made.number, made.note, made.created_by) == (1, "Because", boss)
    mode = {"title": "Too dear", "meaning": "More than $1", "examples": ["Nine searches", "Two days"]}
    assert made.content == {"modes": {"cost": mode, "integration": {"on": False}}, "codes": ["MAST-1.1"]}
    lines = [line.strip() for line in told(client.get("/taxonomy/1/"))]
    at = lines.index("Too dear")
    assert lines[at + 1 : at + 4] == ["More than $1", "– Nine searches", "– Two days"]
    assert (lines.count("cannot be chosen"), lines[-2]) == (1, "Codes of published taxonomies")

    operator = make_operator()
    client.force_login(operator)
    case = make_case()
    lease = claim(case, operator)
    html = client.get(f"/cases/{case.id}/").content.decode()
    assert 'title="More than $1"' in html
    assert ">Too dear</label>" in html
    assert 'value="MAST-1.1"' in html
    assert 'value="MAST-1.2"' not in html
    assert 'name="failure_primary" value="integration"' not in html
    assert "Nine searches" in client.get("/guidelines/read/").content.decode()
    decide(lease)
    assert LabelRevision.objects.get().taxonomy == made


def test_what_is_saved_again_unchanged_is_no_new_number(client, boss):
    content = {"modes": {"cost": {"title": "Too dear", "on": False}}, "codes": ["MAST-1.2"]}
    taxonomy.save(content=content, note="", operator=boss, based_on=0)
    assert client.post("/taxonomy/", typed(client.get("/taxonomy/"))).status_code == 302
    assert taxonomy.in_force().number == 1
    assert "so nothing was saved" in client.get("/taxonomy/").content.decode()
    client.post("/taxonomy/", typed(client.get("/taxonomy/"), **{"cost-meaning": "More than $1"}))
    content["modes"]["cost"]["meaning"] = "More than $1"
    assert (taxonomy.in_force().number, taxonomy.in_force().content) == (2, content)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"note": ""}, "Say in a few words why"),
        ({"cost-title": "Edge case"}, "“Edge case” stands there twice."),
        ({"cost-examples": "\n".join(map(str, range(21)))}, "At most 20 lines fit."),
    ],
)
def test_what_cannot_be_saved_comes_back_as_it_was(client, boss, changes, words):
    answer = client.post("/taxonomy/", typed(client.get("/taxonomy/"), **changes))
    assert (answer.status_code, Taxonomy.objects.count()) == (422, 0)
    assert words in answer.content.decode()


def test_a_guideline_is_written_compared_and_restored(client, boss):
    first = typed(client.get("/guidelines/"), text="Look *once*.")
    client.post("/guidelines/", first)
    assert client.post("/guidelines/", first | {"text": "Mine"}).status_code == 409
    client.post("/guidelines/", typed(client.get("/guidelines/"), text="Look <b>twice</b>."))
    html = client.get("/guidelines/2/").content.decode()
    assert "− Look *once*." in html
    assert "+ Look &lt;b&gt;twice&lt;/b&gt;." in html
    restored = client.get("/guidelines/?from=1")
    assert restored.context["form"]["text"].value() == "Look *once*."
    client.post("/guidelines/", typed(restored))
    assert (guidelines.in_force().number, guidelines.in_force().text) == (3, "Look *once*.")
    assert "<em>once</em>" in client.get("/guidelines/read/").content.decode()
    assert Guideline.objects.count() == 3


def test_reviewers_read_what_admins_write(client):
    client.force_login(make_operator(role="reviewer"))
    assert "Only admins can change this." in client.get("/guidelines/").content.decode()
    assert client.post("/guidelines/", {"text": "Mine", "note": "x", "based_on": 0}).status_code == 403
    assert client.post("/taxonomy/", {"note": "x", "based_on": 0}).status_code == 403


def test_how_often_a_detector_is_overridden_is_told_of_decisions_that_stood(client, boss):
    operator = make_operator()
    for number in range(12):
        suggested = [Suggested("failure_primary", "none" if number % 3 else "cost", "high_cost")]
        decide(claim(make_case(), operator), suggested=suggested)
    html = client.get("/taxonomy/").content.decode()
    assert "A cost that is high for this agent" in html
    assert ">33.3%" in html


def test_a_guideline_is_seen_as_it_will_be_read_while_it_is_typed(client, boss):
    html = client.post("/guidelines/preview/", {"text": "# Rule\n\n<script>x</script>"}).content.decode()
    assert "<h3>Rule</h3>" in html
    assert "<script>" not in html
    assert not Guideline.objects.exists()
