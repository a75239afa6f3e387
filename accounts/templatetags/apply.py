from collections.abc import Mapping

from django import template

register = template.Library()


@register.filter
def of(words: Mapping[str, str], name: str) -> str:
    """Return what is said of this name: `{{ refused|of:paper.kind.value }}`."""
    return words.get(name, "")
