import pytest

from escalations.models import Notice, NoticeKind
from operators.desk import digest
from tests.factories import make_admin, make_operator

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("path", "field", "value", "status"),
    [
        ("theme", "theme", "dark", 302),
        ("theme", "theme", "pink", 400),
        ("timezone", "timezone", "Europe/Stockholm", 302),
        ("timezone", "timezone", "Mars/Olympus", 400),
    ],
)
def test_only_what_exists_can_be_chosen(client, path, field, value, status):
    operator = make_operator()
    before = getattr(operator, field)
    client.force_login(operator)
    assert client.post(f"/preferences/{path}/", {field: value}).status_code == status
    operator.refresh_from_db()
    assert getattr(operator, field) == (value if status == 302 else before)


def test_a_script_needs_no_page_in_return(client):
    client.force_login(make_operator())
    answer = client.post("/preferences/theme/", {"theme": "light"}, headers={"HX-Request": "true"})
    assert answer.status_code == 204
    assert 'data-theme="light"' in client.get("/").content.decode()


@pytest.mark.parametrize(
    ("referer", "location"),
    [
        ("http://testserver/cases/1/", "http://testserver/cases/1/"),
        ("https://evil.example/", "/"),
        ("", "/"),
    ],
)
def test_a_browser_without_scripts_returns_to_where_it_was(client, referer, location):
    client.force_login(make_operator())
    answer = client.post("/preferences/theme/", {"theme": "dark"}, headers={"Referer": referer})
    assert answer.headers["Location"] == location


CHOSEN = {"theme": "dark", "language": "de", "timezone": "Europe/Stockholm", "digest": "off", "sounds": "on"}


def test_all_preferences_are_saved_at_once(client):
    operator = make_operator()
    client.force_login(operator)
    assert client.post("/preferences/", CHOSEN).status_code == 302
    operator.refresh_from_db()
    assert (operator.theme, operator.language, operator.timezone) == ("dark", "de", "Europe/Stockholm")
    assert (operator.sounds, operator.single_keys) == (True, False)  # a box left empty is a no
    assert 'data-keys="off"' in client.get("/").content.decode()


@pytest.mark.parametrize(
    ("email", "sends", "says"),
    [("", True, "Nobody told the desk"), ("noor@desk.test", False, "sends no mail")],
)
def test_mail_is_promised_only_where_it_can_come(client, settings, email, sends, says):
    settings.SENDS_MAIL = sends
    client.force_login(make_operator(email=email))
    answer = client.post("/preferences/", CHOSEN | {"digest": "hourly"})
    assert answer.status_code == 422
    assert says in answer.content.decode()


def test_supervisors_can_have_alerts_mailed_at_once_and_others_are_not_asked(client, settings):
    settings.SENDS_MAIL = True
    boss, noor = make_admin(email="boss@desk.test"), make_operator(email="noor@desk.test")
    for operator, wanted in ((boss, True), (noor, False)):
        client.force_login(operator)
        assert ('name="mails_alerts"' in client.get("/preferences/").content.decode()) is wanted
        client.post("/preferences/", CHOSEN | {"mails_alerts": "on"})
        operator.refresh_from_db()
        assert operator.mails_alerts is wanted
    boss.email = ""
    boss.save()
    client.force_login(boss)
    answer = client.post("/preferences/", CHOSEN | {"mails_alerts": "on"})
    assert 'id="mails_alerts-errors"' in answer.content.decode()


def test_alerts_from_before_they_were_asked_for_are_not_mailed_at_once(client, settings):
    settings.SENDS_MAIL = True
    boss = make_admin(email="boss@desk.test")
    told = {"operator": boss, "kind": NoticeKind.BREACHED}
    Notice.objects.create(text="Long ago", **told)
    client.force_login(boss)
    for _ in range(2):  # saved again, as it is
        client.post("/preferences/", CHOSEN | {"mails_alerts": "on"})
    assert digest.mail_digests() == 0

    Notice.objects.create(text="Just now", **told)
    client.post("/preferences/", CHOSEN | {"mails_alerts": "on"})
    assert digest.mail_digests() == 1


def test_a_language_that_the_desk_does_not_speak_cannot_be_chosen(client):
    operator = make_operator()
    client.force_login(operator)
    assert client.post("/preferences/", CHOSEN | {"language": "tlh"}).status_code == 422
    operator.refresh_from_db()
    assert operator.language == ""
