from django import template
from django.forms import BaseForm, BoundField

from accounts.portal import Seat
from accounts.portal_pages import Tab, tabs_for

register = template.Library()


@register.simple_tag
def wrong_fields(form: BaseForm) -> list[BoundField]:
    """Return the fields with something to mend: `{% wrong_fields form as wrong %}`."""
    return [field for field in form.visible_fields() if field.errors]


@register.simple_tag
def portal_tabs(seat: Seat, here: str) -> list[Tab]:
    """Return the groups of pages the reader may open: `{% portal_tabs seat here as tabs %}`."""
    return tabs_for(seat.role, here)
