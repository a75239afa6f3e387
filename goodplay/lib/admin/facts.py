"""What a JSON column holds, as people read it: a small table or a list instead of brackets and quotes."""

from collections.abc import Mapping
from typing import Any

from django.contrib.admin.utils import display_for_value
from django.db import models
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext

EMPTY = "-"


def told(value: Any) -> SafeString | str:
    """Draw stored facts, however deep."""
    if isinstance(value, Mapping):
        return _pairs(value)
    if isinstance(value, list | tuple):
        return _rows(value)
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    return EMPTY if value is None or value == "" else display_for_value(value, EMPTY)


def _pairs(value: Mapping[str, Any]) -> SafeString | str:
    if not value:
        return EMPTY
    rows = ((_words(name), told(each)) for name, each in value.items())
    return format_html(
        '<table class="facts">{}</table>',
        format_html_join("", '<tr><th scope="row">{}</th><td>{}</td></tr>', rows),
    )


def _rows(value: list[Any] | tuple[Any, ...]) -> SafeString | str:
    if not value:
        return EMPTY
    if all(isinstance(each, Mapping) and each and each.keys() == value[0].keys() for each in value):
        return _columns(value)
    if not any(isinstance(each, Mapping | list | tuple) for each in value):
        return ", ".join(str(told(each)) for each in value)
    return format_html(
        '<ul class="facts">{}</ul>', format_html_join("", "<li>{}</li>", ((told(each),) for each in value))
    )


def _columns(value: Any) -> SafeString:
    """Draw rows that are alike under one head."""
    cells = (
        (format_html_join("", "<td>{}</td>", ((told(each),) for each in row.values())),) for row in value
    )
    return format_html(
        '<table class="facts"><thead><tr>{}</tr></thead><tbody>{}</tbody></table>',
        format_html_join("", '<th scope="col">{}</th>', ((_words(name),) for name in value[0])),
        format_html_join("", "<tr>{}</tr>", cells),
    )


def _words(name: str) -> str:
    return str(name).replace("_", " ")


class ToldFacts:
    """A column of JSON on a page that only shows: read through `told`, under the column's own name."""

    def __init__(self, field: models.Field) -> None:
        self.name = self.__name__ = field.name
        self.short_description = field.verbose_name

    def __call__(self, row: models.Model) -> SafeString | str:
        return told(getattr(row, self.name))
