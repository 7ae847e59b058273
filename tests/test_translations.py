"""Everything that people read can be read in each language of the desk."""

import re

import pytest

from tests import unmarked

STYLES = sorted((unmarked.ROOT / "static" / "css").glob("*.css"))


@pytest.mark.parametrize("template", unmarked.TEMPLATES, ids=lambda path: path.name)
def test_every_text_of_a_template_is_marked(template):
    assert not list(unmarked.unmarked(template.read_text(), is_html=template.suffix == ".html"))


@pytest.mark.parametrize(
    ("source", "texts"),
    [
        ("<p>Put back</p>", ["Put back"]),
        ('<p>{% translate "Put back" %}</p>', []),
        ("<p>{% blocktranslate %}by {{ name }}{% endblocktranslate %} today</p>", ["today"]),
        ('<a title="{% if it %}Open{% endif %}">{{ name }}</a>', ['title="Open"']),
        ('<b aria-label="{{ name }}" class="bad" data-action="put_back">·</b>', []),
        ('{{ name|default:"nobody" }}', ['|default:"nobody"']),
        ('{% include "_field.html" with title="All queues" id="queue" %}', ['title="All queues"']),
        ("<kbd>n</kbd> <kbd>Esc</kbd> Handrail", ["Esc"]),
        ("<script>let here</script>{# a remark #}{% comment %}and another{% endcomment %}", []),
    ],
)
def test_unmarked_texts_are_found(source, texts):
    assert [text for _, text in unmarked.unmarked(source)] == texts


@pytest.mark.parametrize("style", STYLES, ids=lambda path: path.name)
def test_styles_write_no_words_but_the_names_of_keys(style):
    written = re.findall(r'^(.*)content: "[^"]*[^\W\d_][^"]*"', style.read_text(), re.MULTILINE)
    assert all("kbd" in selector for selector in written)
