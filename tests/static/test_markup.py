"""Templates and scripts keep to what the content security policy allows."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SCRIPTS = sorted((ROOT / "static" / "js").glob("*.js"))


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_no_inline_style_or_handler(template):
    assert not re.findall(r"""\s(?:style|on[a-z]+|hx-on[:a-z-]*)=["']""", template.read_text())


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.name)
def test_scripts_have_a_nonce(template):
    for tag in re.findall(r"<script\b[^>]*>", template.read_text()):
        assert "nonce=" in tag or 'type="application/json"' in tag


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_scripts_are_short_and_evaluate_nothing(script):
    text = script.read_text()
    assert len(text.splitlines()) <= 150
    assert text.startswith("// ")
    assert not re.findall(r"\beval\(|new Function\(|\.outerHTML\s*=|insertAdjacentHTML|document\.write", text)


def test_what_scripts_import_is_in_the_import_map():
    named = set(re.findall(r'"(desk/[a-z]+)": "{% static', (ROOT / "templates" / "base.html").read_text()))
    imported = {name for script in SCRIPTS for name in re.findall(r'from "([^"]+)"', script.read_text())}
    assert imported == named
