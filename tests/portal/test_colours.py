"""Text is readable: the pairs of colours the pages use keep WCAG AA in light and in dark."""

import re
from pathlib import Path

import pytest
from django.conf import settings

TEXT, SHAPE = 4.5, 3.0
PAIRS = [
    ("ink", "paper", TEXT),
    ("ink", "surface", TEXT),
    ("ink", "sunken", TEXT),
    ("ink", "sun-wash", TEXT),
    ("ink", "bad-wash", TEXT),
    ("ink-soft", "paper", TEXT),
    ("ink-soft", "surface", TEXT),
    ("ink-soft", "sunken", TEXT),
    ("link", "paper", TEXT),
    ("link", "surface", TEXT),
    ("link", "pine-wash", TEXT),
    ("link", "sunken", TEXT),
    ("on-pine", "pine", TEXT),
    ("terracotta", "paper", TEXT),
    ("good", "good-wash", TEXT),
    ("warn", "warn-wash", TEXT),
    ("bad", "bad-wash", TEXT),
    ("bad", "surface", TEXT),
    ("field", "surface", SHAPE),
    ("focus", "surface", SHAPE),
    ("focus", "paper", SHAPE),
    ("track-1", "surface", SHAPE),
    ("track-3", "surface", SHAPE),
]

BACK_OFFICE_PAIRS = [
    ("body-fg", "body-bg", TEXT),
    ("body-fg", "card-bg", TEXT),
    ("body-quiet-color", "body-bg", TEXT),
    ("body-quiet-color", "card-bg", TEXT),
    ("body-quiet-color", "darkened-bg", TEXT),
    ("link-fg", "body-bg", TEXT),
    ("link-fg", "card-bg", TEXT),
    ("link-fg", "darkened-bg", TEXT),
    ("breadcrumbs-link-fg", "breadcrumbs-bg", TEXT),
    ("error-fg", "body-bg", TEXT),
    ("good", "card-bg", TEXT),
    ("warn", "card-bg", TEXT),
    ("bad", "card-bg", TEXT),
    ("series-1", "card-bg", SHAPE),
    ("series-2", "card-bg", SHAPE),
    ("series-3", "card-bg", SHAPE),
]


def back_office_tokens(scheme):
    sheet = (Path(settings.BASE_DIR) / "static/css/backoffice.css").read_text()
    pairs = re.findall(r"--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\);", sheet)
    return {name: light if scheme == "light" else dark for name, light, dark in pairs}


def tokens():
    sheet = (Path(settings.BASE_DIR) / "static/css/goodplay.css").read_text()
    blocks = re.findall(r":root \{(.*?)\}", sheet, re.DOTALL)
    light, dark = (dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block)) for block in blocks)
    return {"light": light, "dark": light | dark}


def luminance(colour):
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    brighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("front", "back", "least"), PAIRS)
def test_colours_keep_their_distance(scheme, front, back, least):
    colours = tokens()[scheme]

    assert contrast(colours[front], colours[back]) >= least


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("front", "back", "least"), BACK_OFFICE_PAIRS)
def test_colours_of_the_back_office_keep_their_distance(scheme, front, back, least):
    colours = back_office_tokens(scheme)

    assert contrast(colours[front], colours[back]) >= least


def test_contrast_is_counted_as_the_guidelines_do():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)
