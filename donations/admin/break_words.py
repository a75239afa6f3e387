"""The lines of a break, as people read them."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from goodplay.lib.admin.facts import told
from goodplay.lib.templatetags.house import moment


def lines_in_words(lines: Iterable[Mapping[str, Any]]) -> SafeString | str:
    return told([_line(line) for line in lines])


def _line(line: Mapping[str, Any]) -> dict[str, str]:
    names = {"amount": _("Amount"), "fee": _("Fee"), "at": _("When"), "text": _("Text"), "key": _("Key")}
    shown = {**line, "at": moment(datetime.fromisoformat(line["at"]))}
    shown["amount"] = f"{shown['amount']} {shown.pop('currency', '')}".strip()
    first = [name for name in names if name in shown]
    return {names.get(name, name): str(shown[name]) for name in dict.fromkeys([*first, *shown])}
