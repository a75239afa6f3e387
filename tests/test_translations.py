"""Italian is whole: everything people read is in the catalogue, and the compiled file is what the catalogue says."""

import ast
import re
from pathlib import Path

import polib
import pytest
from django.conf import settings

HOUSE = ("goodplay", "accounts", "social", "games", "donations", "impact")
CALLS = {"_", "_now", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy"}
FOLDER = Path(settings.BASE_DIR) / "locale/it/LC_MESSAGES"
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%")


@pytest.fixture(scope="module")
def catalogue():
    return polib.pofile(str(FOLDER / "django.po"))


def words(entry):
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def originals(entry):
    return [entry.msgid, entry.msgid_plural] if entry.msgid_plural else [entry.msgid]


def test_every_text_is_translated(catalogue):
    lacking = [entry.msgid for entry in catalogue if not all(words(entry)) or entry.fuzzy or entry.obsolete]

    assert lacking == []


def test_translations_keep_their_placeholders(catalogue):
    differing = [
        entry.msgid
        for entry in catalogue
        for original, text in zip(originals(entry), words(entry), strict=True)
        if sorted(PLACEHOLDER.findall(original)) != sorted(PLACEHOLDER.findall(text))
    ]

    assert differing == []


def test_the_compiled_catalogue_is_up_to_date(catalogue):
    compiled = polib.mofile(str(FOLDER / "django.mo"))

    def as_pairs(entries):
        return {(entry.msgctxt, entry.msgid): words(entry) for entry in entries}

    assert as_pairs(compiled) == as_pairs(catalogue)


def test_texts_in_templates_are_in_the_catalogue(catalogue):
    known = {entry.msgid for entry in catalogue}
    tag = re.compile(r"""{%\s*translate\s+(?:"([^"]+)"|'([^']+)')""")
    templates = (Path(settings.BASE_DIR) / "templates").rglob("*.html")

    used = {double or single for page in templates for double, single in tag.findall(page.read_text())}

    assert len(used) > 100
    assert used - known == set()


def translated_in(module):
    """Yield the texts a Python file marks for translation."""
    for node in ast.walk(ast.parse(module.read_text())):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        text = node.args[0]
        if name in CALLS and isinstance(text, ast.Constant) and isinstance(text.value, str):
            yield text.value


def test_texts_in_code_are_in_the_catalogue(catalogue):
    known = {entry.msgid for entry in catalogue}
    modules = (module for app in HOUSE for module in (Path(settings.BASE_DIR) / app).rglob("*.py"))

    used = {text for module in modules if "migrations" not in module.parts for text in translated_in(module)}

    assert len(used) > 500
    assert used - known == set()
