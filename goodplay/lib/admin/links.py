"""From one page of the back office to another."""

from django.apps import apps
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString


def linked(target_type: str, target_id: object, text: object = "") -> SafeString | str:
    """Lead to the thing itself where there is a screen of it: `target_type` is "app.model"."""
    try:
        app, model = target_type.split(".")
        named = apps.get_model(app, model)._meta.verbose_name
        address = reverse(f"admin:{app}_{model}_change", args=[target_id])
    except (LookupError, ValueError, NoReverseMatch):
        return str(text) or f"{target_type} {target_id}"
    return format_html('<a href="{}">{}</a>', address, text or f"{named} {target_id}")
