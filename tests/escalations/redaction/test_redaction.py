"""What is personal does not leave, what is not stays as it was, and a second look finds what was missed."""

import json
import time

import pytest

from escalations.redaction import Hit, Redactor, UnreadablePath, hits
from escalations.redaction.recognisers import find

# (what is found, in which text)
PERSONAL = [
    ("EMAIL", "a.b+c@example.co.uk", "Mail me at a.b+c@example.co.uk."),
    ("PHONE", "+49 30 1234567", "Call +49 30 1234567 now"),
    ("PHONE", "(030) 123 4567", "or (030) 123 4567"),
    ("PHONE", "555-123-4567", "555-123-4567, please"),
    ("PHONE", "030 1234 5678", "Tel 030 1234 5678"),
    ("PHONE", "5551234567", "my phone number is 5551234567"),
    ("CARD", "4111 1111 1111 1111", "Visa 4111 1111 1111 1111"),
    ("CARD", "378282246310005", '"card": 378282246310005'),
    ("IBAN", "DE89 3704 0044 0532 0130 00", "IBAN DE89 3704 0044 0532 0130 00"),
    ("IBAN", "gb82west12345698765432", "to gb82west12345698765432"),
    ("IP", "10.0.0.12", "from 10.0.0.12"),
    ("IP", "2001:db8::1", "or [2001:db8::1]"),
    ("SECRET", "hr_live_abcdefgh0123456789abcdefgh", "key hr_live_abcdefgh0123456789abcdefgh"),
    ("SECRET", "abcdefghijklmnop1234", "Authorization: Bearer abcdefghijklmnop1234"),
    ("SECRET", "user:secret", "postgresql://user:secret@db/x"),
    ("SSN", "078-05-1120", "SSN 078-05-1120"),
    ("BIRTH", "12 May 1981", "I was born on 12 May 1981"),
    ("BIRTH", "1990-01-02", '"date_of_birth": "1990-01-02"'),
    ("FILE", "data:image/png;base64," + "iVBORw0KGgo" * 3, "data:image/png;base64," + "iVBORw0KGgo" * 3),
]
HARMLESS = [
    "Order W2378156 of 2024-05-15 at 13:20:05 for $912.00, credit_card_9513926",
    "Item 6086499569, reservation 4WQ150, flight HAT069 on 2024-05-20T03:00:00-05:00",
    "Version 1.2.3, 4111 1111 1111 1112, GB82 WEST TEST 6987 6543 21, 999.1.1.1, std::vector a::b",
    "[EMAIL_0123456789] wrote about [PHONE_a123456789] and user_1234567890",
    "At 1732590000123 ms, 1234567890128, 5e6cf5fd-7688-a230-d481-0e5a08a8c92d, be12-1234-1234-1234",
    "fa69b1c2-1432-4c14-8047-791519756591 be68539007547034 in 0193c1d2-7b1a-7123-8123-123456789012",
    "0.0.0.0 and 127.0.0.1 and ::1; 12:30:45; a:b:c; https://example.com/x",
]


@pytest.mark.parametrize(("kind", "part", "text"), PERSONAL)
def test_what_is_personal_is_found_where_it_stands(kind, part, text):
    assert [(each.kind, text[each.start : each.end]) for each in find(text)] == [(kind, part)]


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_not_personal_is_left_alone(text):
    assert not find(text)


def redactor(key=b"key", **payload):
    return Redactor(key, payload)


def test_one_entity_has_one_placeholder_however_it_is_spelt_and_wherever_it_stands():
    redact = redactor()
    one, other = (
        redact.text("A@b.de, 4111 1111 1111 1111"),
        redact.value({"m": "a@B.DE", "c": 4111111111111111}),
    )

    assert one == f"{other['m']}, {other['c']}"
    assert redact.text("c@b.de") != other["m"]
    assert redactor(b"another").text("a@b.de") != other["m"]


def test_what_the_agent_named_goes_first_and_everywhere():
    facts = {"card": "4111 1111 1111 1111", "pin": 12, "town": "Lillehammer", "note": {"a": ["Rosa"]}}
    redact = redactor(
        sensitive_paths=["$.context.facts.card", "$.context.facts.pin", "$['context'].facts.note.*"],
        context={"facts": facts | {"customer_name": "Rosa Calloway"}},
    )
    out = redact.value({"text": "rosa calloway, Rosa; 4111111111111111, pin 12", "pin": 12, "n": 412})

    assert "osa" not in json.dumps(out)
    assert out["text"].count("[PRIVATE_") == 2
    assert out["text"].count("[CARD_") == 1
    assert out["pin"].startswith("[PRIVATE_")
    assert out["n"] == 412
    assert redact.text("Lillehammer, Rosalind") == "Lillehammer, Rosalind"


def test_arguments_that_are_json_stay_json_and_as_they_were_if_nothing_is_in_them():
    redact = redactor()
    arguments = redact.text('{"card": 4111111111111111, "mail": "a\\u0040b.de"}')

    assert set(json.loads(arguments)) == {"card", "mail"}
    assert not list(hits(arguments))
    assert redact.text('{"amount":  12.50}') == '{"amount":  12.50}'


def test_a_path_that_cannot_be_read_is_refused():
    with pytest.raises(UnreadablePath):
        redactor(sensitive_paths=["$..card"])


def test_the_second_look_says_where_and_never_what():
    row = {
        "messages": [{"content": "a@b.de"}],
        "x/y": '{"n": [4111111111111111]}',
        "ok": "[EMAIL_0123456789]",
    }

    assert list(hits(row)) == [Hit("/messages/0/content", "EMAIL"), Hit("/x~1y/n/0", "CARD")]


@pytest.mark.parametrize("text", [text for *_, text in PERSONAL])
def test_a_second_look_at_what_was_redacted_finds_nothing(text):
    redact = redactor()
    assert not list(hits(redact.value({text: [text, {"j": json.dumps({"deep": text})}]})))


# Where agents tell of people: each with what must not be left of it anywhere.
TOLD = [
    ({"user": {"name": "Rosa Calloway"}}, ["Rosa Calloway", "rosa", "CALLOWAY"]),
    (
        {"name": {"first_name": "Yusuf", "last_name": "Rossi"}, "email": "x@y.org"},
        ["Yusuf", "rossi", "x@y.org"],
    ),
    ({"passengers": [{"name": "Ann Li"}, {"name": "Bo O’Neil"}]}, ["Ann", "O’Neil", "ann li"]),
    ({"customerName": "José Müller", "FULL-NAME": "Zoë Kühn"}, ["josé", "Müller", "Kühn"]),
    (
        {"address1": "763 Broadway", "city": "Trondheim", "zip": 71234},
        ["763  broadway", "Trondheim", "71234"],
    ),
    ({"billing_address": "Hauptstraße 5, 10115 Berlin"}, ["HAUPTSTRASSE 5", "Hauptstraße 5", "10115 Berlin"]),
    ({"passport_number": "C01X00T47", "dateOfBirth": "3.5.81"}, ["c01x00t47"]),
]
LEFT_ALONE = [
    {"name": "Digital Camera", "product_id": "8310926033"},
    {"name": "issue_refund", "arguments": {"reason": "late"}, "description": "Refund"},
    {"parameters": {"properties": {"first_name": {"type": "string", "description": "Given name"}}}},
    {"email": "weekly", "phone": True, "first_name": None, "customer_name": "unknown", "name": "n/a"},
    {"origin": {"city": "Oslo"}, "address": {"country": "Norway"}},
]


@pytest.mark.parametrize(("there", "gone"), TOLD)
@pytest.mark.parametrize("place", ["facts", "arguments", "tool", "prose", "later"])
def test_what_stands_under_the_keys_of_a_person_is_found_wherever_else_it_stands(there, gone, place):
    text = json.dumps({"result": [there]}, ensure_ascii=place == "tool")
    turn = {
        "role": "tool",
        "content": f"Found {{1}}:\n```json\n{text}\n```\n" if place == "prose" else f"\n {text}",
    }
    call = {"function": {"name": "update", "arguments": text}}
    payload = {
        "facts": {"context": {"facts": there}},
        "arguments": {"messages": [{"role": "assistant", "tool_calls": [call]}]},
        "tool": {"messages": [turn]},
        "prose": {"messages": [turn]},
        "later": {},
    }[place]
    redact = Redactor(b"key", payload, *([[turn]] if place == "later" else []))

    said = " and ".join(f"It is {each}, (“{each.upper()}”) or id_{each}_9" for each in gone)
    left = json.dumps([redact.text(said), redact.value(there), redact.text(text)], ensure_ascii=False)

    assert not [each for each in gone if " ".join(each.split()).casefold() in left.casefold()]
    assert redact.text(text) == json.dumps(redact.value({"result": [there]}), ensure_ascii=False)
    assert redact.text(f"Is {text} it?") == f"Is {redact.text(text)} it?"


def test_a_text_full_of_what_might_be_objects_costs_little():
    began = time.process_time()
    for hostile in ('{"' * 200_000, '{"a":' * 200_000, '{"a": "' + "x" * 400_000):
        assert redactor().text(hostile) == hostile
    assert time.process_time() - began < 5


@pytest.mark.parametrize("document", LEFT_ALONE)
def test_what_only_looks_like_a_person_is_left_alone(document):
    redact = redactor(context={"facts": document})
    assert redact.value(document) == document
    said = "The digital camera was unknown in Oslo, Norway: issue_refund, string, given name, weekly, n/a."
    assert redact.text(said) == said


def test_a_name_that_is_a_word_goes_where_it_is_capitalised_and_short_ones_where_they_stand():
    facts = {"first_name": "will", "last_name": "Xu", "city": "Paris"}
    redact = redactor(context={"facts": facts})

    assert redact.text("I will see, Xu. Then Will went to Paris.").count("[PRIVATE_") == 1
    hidden = redact.value(facts)
    assert [value.startswith("[PRIVATE_") for value in hidden.values()] == [True, True, False]


def test_of_what_overlaps_nothing_is_left_and_a_whole_address_stays_one():
    redact = redactor(context={"facts": {"first_name": "Rosa", "last_name": "Card"}})
    one, other = redact.text("rosa.card7@example.com, rosa.card7@example.com Rosa").split(", ")

    assert one.startswith("[EMAIL_")
    assert other.startswith(f"{one} [PRIVATE_")
    assert redact.text(one) == one
