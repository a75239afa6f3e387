"""Figures in a report's JSON columns: exact decimals, written as text and read as numbers again.

A document keeps no decimals in JSON, and a float would lose cents.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.functional import Promise

_DECIMAL = re.compile(r"-?[0-9]{1,14}\.[0-9]{1,28}", re.ASCII)


def stored(value: Any) -> Any:
    """Write figures so that any document store keeps them as they are."""
    if isinstance(value, Mapping):
        return {str(key): stored(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [stored(each) for each in value]
    if isinstance(value, Decimal):
        return f"{value:f}" if "." in f"{value:f}" else f"{value:f}.00"
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID | Promise) else value


def read(value: Any) -> Any:
    """Read what `stored` wrote; everything else stays as it is."""
    if isinstance(value, Mapping):
        return {key: read(each) for key, each in value.items()}
    if isinstance(value, list):
        return [read(each) for each in value]
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        return Decimal(value)
    return value
