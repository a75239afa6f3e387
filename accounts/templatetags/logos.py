"""The mark of an organisation on pages: its logo, or the initials of its name."""

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import template

from goodplay.lib.pictures.models import Picture

register = template.Library()

# What names begin with or are held together by, in Italian and English.
LITTLE_WORD = re.compile(
    r"a|ai|al|alla|an|and|con|d|da|dal|dalla|degli|dei|del|dell|della|delle|di|e|ed|for|gli|i|il|in|l|la|le|lo|of|per|the|"
    r"un|una",
    re.IGNORECASE,
)
MOST_LETTERS = 2


@register.inclusion_tag("accounts/_mark.html")
def mark(name: str, logo: Picture | None, size: str = "") -> dict[str, Any]:
    """Draw the mark; the name must stand beside it: `{% mark onlus.name logo "large" %}`."""
    return {"logo": logo, "initials": initials(name), "size": size}


@register.filter
def logo_in(onlus_id: UUID, logos: Mapping[UUID, Picture]) -> Picture | None:
    """Return the logo of one organisation among those that were read for the page."""
    return logos.get(onlus_id)


def initials(name: str) -> str:
    """Return the one or two letters that stand for a name: SV for Il Sentiero Verde."""
    words = re.findall(r"[^\W_]+", name)
    telling = [word for word in words if not LITTLE_WORD.fullmatch(word)] or words
    return "".join(word[0] for word in telling[:MOST_LETTERS]).upper()
