"""What docs/frameworks.md shows is what runs."""

import re

from agents_api.formats import RENDERERS
from tests.frameworks.conftest import ROOT

DOCUMENT = (ROOT / "docs" / "frameworks.md").read_text()
EXAMPLES = {path.name: path.read_text() for path in (ROOT / "examples").glob("*.py")}


def test_the_code_of_each_framework_is_from_its_example() -> None:
    _, *sections = re.split(r"^## ", DOCUMENT, flags=re.M)
    shown = [code for section in sections for code in re.findall(r"```python\n(.*?)```", section, flags=re.S)]
    assert len(shown) > 5
    for code in shown:
        assert any(code in program for program in EXAMPLES.values()), code


def test_the_table_names_each_example_with_its_format() -> None:
    for name, program in EXAMPLES.items():
        for used in re.findall(r'desk.wait\(handoff, format="(\w+)"\)', program):
            assert used in RENDERERS
            assert re.search(rf"\| `{used}` \|.*\(../examples/{name}\) \|", DOCUMENT)
