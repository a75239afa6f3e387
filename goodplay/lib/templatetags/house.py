"""How pages write money, moments and texts: in the reader's language, by the calendar of Rome, months as words.

Days written in figures only would be read differently on two sides of an ocean.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.utils.formats import date_format, number_format
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from goodplay.lib.markdown import render
from goodplay.lib.time import ROME

register = template.Library()

NOT_KNOWN = "\N{EN DASH}"
NO_BREAK = "\N{NO-BREAK SPACE}"


@register.filter
def euros(amount: Decimal) -> str:
    """Write an amount as the language does: €1,234.50 or 1.234,50 €."""
    written = number_format(abs(amount), 2, force_grouping=True)
    sign = "\N{MINUS SIGN}" if amount < 0 else ""
    if (get_language() or "").startswith("en"):
        return f"{sign}€{written}"
    return f"{sign}{written}{NO_BREAK}€"


@register.filter
def moment(value: datetime) -> str:
    """Write a moment as day and hour in Rome: 22 Nov 2026, 19:03."""
    return _written(value.astimezone(ROME), "j M Y, H:i")


@register.filter
def day(value: date | datetime) -> str:
    """Write a day, or the day in Rome of a moment: 22 Nov 2026."""
    return _written(value.astimezone(ROME) if isinstance(value, datetime) else value, "j M Y")


@register.filter
def shown(value: Any) -> str:
    """Write one cell of a board: euros, moments, days and numbers each in their form, the rest as it is."""
    if isinstance(value, Decimal):
        return euros(value)
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return day(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return number_format(value, force_grouping=True)
    if value is None:
        return NOT_KNOWN
    return conditional_escape(value) if hasattr(value, "__html__") else str(value)


@register.filter(is_safe=True)
def markdown(text: str | None) -> SafeString:
    """Show what somebody wrote in Markdown; nothing in it can run or reach out of its place."""
    return render(text or "")


def _written(value: date | datetime, pattern: str) -> str:
    """Write a date; only English gives months a capital."""
    text = date_format(value, pattern)
    return text if (get_language() or "").startswith("en") else text.lower()
