import re

import pytest

from operators.fields.json_text import NotJson, parse


def test_json_is_read():
    assert parse(' {"a": [1, 2.5, null, "\\u00e9"]} ') == {"a": [1, 2.5, None, "é"]}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "Expecting value"),
        ('{"a": 1,}', "line 1, column"),
        ('{"a": NaN}', "NaN is no number"),
        ("-Infinity", "-Infinity is no number"),
        ("1e999", "too large"),
        ('{"a": 1, "a": 2}', "“a” stands twice"),
        ('"a\\u0000b"', "U+0000"),
        ("[" * 100_000, "nested too deeply"),
        ("1" * 5000, "4,300"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_a_reason(text, why):
    with pytest.raises(NotJson, match=re.escape(why)):
        parse(text)


def test_an_escaped_backslash_before_u0000_is_only_text():
    assert parse('"\\\\u0000"') == "\\u0000"
