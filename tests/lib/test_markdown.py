"""What people write in Markdown is shown as they meant it, and can do nothing else."""

import re

import pytest
from django.template import Context, Template
from hypothesis import given, settings
from hypothesis import strategies as st

from goodplay.lib.markdown import ALLOWED_TAGS, plain, render

TAG = re.compile(r"</?([a-zA-Z][a-zA-Z0-9]*)")
HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<iframe src=https://evil.example></iframe>",
    "<a href='javascript:alert(1)'>x</a>",
    "<style>body{display:none}</style>",
    "<form action=https://evil.example><input name=password></form>",
    "[x](javascript:alert(1))",
    "[x](  JaVaScRiPt:alert(1))",
    "[x](java&#115;cript:alert(1))",
    "[x](java\nscript:alert(1))",
    "[x](vbscript:msgbox(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](file:///etc/passwd)",
    "<javascript:alert(1)>",
    "![x](javascript:alert(1))",
    "![x](https://evil.example/pixel.png)",
    '[x](https://a.example "t\\" onmouseover=\\"alert(1)")',
    '[x](https://a.example/?"onmouseover=alert(1))',
    "[x]: javascript:alert(1)\n\n[x]",
    '```"><script>alert(1)</script>\nx\n```',
    "`<script>alert(1)</script>`",
    "\0<scr\0ipt>alert(1)</scr\0ipt>",
    "<!--><script>alert(1)</script>-->",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
]


def is_harmless(html: str) -> bool:
    links = re.findall(r'<a href="([^"]*)"', html)
    attributes = set(re.findall(r'<[a-z0-9]+[^>]*?\s([a-z]+)="', html))
    return (
        set(TAG.findall(html)) <= ALLOWED_TAGS
        and attributes <= {"href", "title", "rel", "start"}
        and not any(re.match(r"(?i)\s*(javascript|vbscript|data|file):", link) for link in links)
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_hostile_gets_through(text):
    html = Template("{% load house %}{{ text|markdown }}").render(Context({"text": text}))

    assert is_harmless(html), html
    assert "<script" not in html
    assert "evil.example" not in html or "&lt;" in html


@settings(max_examples=50)
@given(
    st.lists(
        st.sampled_from([*HOSTILE, "**", "_", "`", "[", "](", ")", "<", ">", "\n\n", "> ", "- ", "|", "# "])
    )
)
def test_pieces_of_hostile_texts_put_together_are_harmless_too(pieces):
    assert is_harmless(render("".join(pieces)))


def test_what_was_meant_is_shown():
    text = "# Water for *Nairobi*\n\n**Ten** wells & a [map](https://maps.example/x).\n\n1. Dig\n2. Pump\n\n> Thank you\n\n~~Late~~"

    assert render(text) == (
        "<h3>Water for <em>Nairobi</em></h3>\n"
        '<p><strong>Ten</strong> wells &amp; a <a href="https://maps.example/x" rel="nofollow noopener noreferrer ugc">map</a>.</p>\n'
        "<ol>\n<li>Dig</li>\n<li>Pump</li>\n</ol>\n"
        "<blockquote>\n<p>Thank you</p>\n</blockquote>\n"
        "<p><s>Late</s></p>\n"
    )


def test_a_table_and_deep_headings_keep_the_order_of_the_page():
    html = render("###### Deep\n\n|Year|Wells|\n|-|-|\n|2026|3|")

    assert html.startswith("<h6>Deep</h6>\n<table>")
    assert "<td>2026</td>" in html


def test_a_picture_in_a_text_leaves_its_description():
    assert render("See ![the new well](https://a.example/well.png).") == "<p>See the new well.</p>\n"


def test_nothing_is_shown_for_nothing():
    assert Template("{% load house %}{{ text|markdown }}").render(Context({"text": None})) == ""


def test_the_words_alone_keep_no_markup():
    assert (
        plain("# Hi **you**,\n\nread [this](https://a.example)\nnow & `x<y`\n\n    code")
        == "Hi you, read this now & x<y code"
    )
