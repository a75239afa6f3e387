from django import template

from accounts.portal import Seat
from accounts.portal_pages import Tab, tabs_for

register = template.Library()


@register.simple_tag
def portal_tabs(seat: Seat, here: str) -> list[Tab]:
    """Return the groups of pages the reader may open: `{% portal_tabs seat here as tabs %}`."""
    return tabs_for(seat.role, here)
