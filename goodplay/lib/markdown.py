"""What people wrote in Markdown, as HTML that is safe to show.

Raw HTML is text here, not markup, and what the parser made goes through a sanitizer with a list of what may stay: whoever
writes a story or an update can neither run a script in a reader's browser nor change the look of the page around it.
Pictures have their own place beside a text, with a description; a picture inside it would also let its server see every
reader, so it is left out and its description stays.
"""

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

TOP_HEADING = 3  # a page has its h1 and its sections h2; what is inside a text comes below
ALLOWED_TAGS = frozenset(
    [
        "p",
        "br",
        "hr",
        "strong",
        "em",
        "s",
        "blockquote",
        "code",
        "pre",
        "ul",
        "ol",
        "li",
        "a",
        "h3",
        "h4",
        "h5",
        "h6",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
    ]
)
ALLOWED_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
ALLOWED_SCHEMES = frozenset(["http", "https", "mailto"])
LINK_REL = "nofollow noopener noreferrer ugc"


def render(text: str) -> SafeString:
    """Turn Markdown into safe HTML."""
    html = nh3.clean(
        _PARSER.render(text.replace("\0", "")),
        tags=set(ALLOWED_TAGS),
        attributes={tag: set(names) for tag, names in ALLOWED_ATTRIBUTES.items()},
        url_schemes=set(ALLOWED_SCHEMES),
        link_rel=LINK_REL,
    )
    return mark_safe(html)  # noqa: S308 - cleaned one line above


def plain(text: str) -> str:
    """Give the words of a Markdown text alone, on one line: for a mail or a preview. Escape them like any text."""
    words = [_words_of(block) for block in _PARSER.parse(text.replace("\0", ""))]
    return " ".join(" ".join(words).split())


def _words_of(block: Token) -> str:
    if block.children is None:
        return block.content
    return "".join(
        " " if token.type in ("softbreak", "hardbreak") else token.content for token in block.children
    )


def _lower_headings(state: StateCore) -> None:
    for token in state.tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + TOP_HEADING - 1, 6)}"


def _words_for_pictures(state: StateCore) -> None:
    for block in state.tokens:
        for token in block.children or []:
            if token.type == "image":
                token.type, token.tag, token.nesting = "text", "", 0


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    parser.core.ruler.push("lower_headings", _lower_headings)
    parser.core.ruler.push("words_for_pictures", _words_for_pictures)
    return parser


_PARSER = _parser()
