"""Pages of a long list by cursor: the next one starts where the last ended, counts nothing and skips nothing."""

import base64
import binascii
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.views import APIView

from goodplay.lib.api.pagination import MOST_ROWS, Pagination, _number

BY_TIME = {("-created_at", "-id"): "lt", ("created_at", "id"): "gt"}


class KeysetPagination(Pagination):
    """Offset pages as everywhere, and `cursor` (empty for the first page) where the list is in the order of time.

    Every page of such a list carries `next_cursor`, null at the end.
    """

    def paginate_queryset(self, queryset: Any, request: Request, view: APIView | None = None) -> list[Any]:
        self.cursor = request.query_params.get("cursor")
        if self.cursor is None:
            rows = super().paginate_queryset(queryset, request, view)
            self.has_next = self.offset + self.size < self.total
        else:
            rows = self._after(queryset, request, view)
        self.next_cursor = _written(rows[-1]) if self.has_next and rows and _direction(queryset) else None
        return rows

    def _after(self, queryset: QuerySet[Any], request: Request, view: APIView | None) -> list[Any]:
        self.view = view
        default = getattr(view, "page_size", self.default_size)
        self.size = _number(request, ("per_page", "page_size", "limit"), default, least=1, most=MOST_ROWS)
        direction = _direction(queryset)
        if direction is None:
            raise _refused()
        if self.cursor:
            moment, key = _read(self.cursor)
            beyond = Q(**{f"created_at__{direction}": moment}) | Q(
                created_at=moment, **{f"id__{direction}": key}
            )
            # The first condition is implied: it is what an index can start from.
            queryset = queryset.filter(Q(**{f"created_at__{direction}e": moment}) & beyond)
        rows = list(queryset[: self.size + 1])
        self.has_next = len(rows) > self.size
        return rows[: self.size]

    def summary(self) -> dict[str, Any]:
        if self.cursor is None:
            return super().summary() | {"next_cursor": self.next_cursor}
        return {
            "per_page": self.size,
            "page_size": self.size,
            "has_next": self.has_next,
            "has_prev": bool(self.cursor),
            "next_cursor": self.next_cursor,
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        text = "Instead of a page: empty for the first, then the `next_cursor` of the answer before."
        cursor = {"name": "cursor", "in": "query", "required": False, "description": text}
        return [*super().get_schema_operation_parameters(view), {**cursor, "schema": {"type": "string"}}]

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        described = super().get_paginated_response_schema(schema)
        summary = described["properties"]["pagination"]["properties"]
        summary["next_cursor"] = {"type": "string", "nullable": True}
        return described


def _direction(queryset: Any) -> str | None:
    return BY_TIME.get(tuple(queryset.query.order_by))


def _written(row: Any) -> str:
    return base64.urlsafe_b64encode(f"{row.created_at.isoformat()}|{row.pk}".encode()).decode().rstrip("=")


def _read(cursor: str) -> tuple[datetime, UUID]:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        moment, _bar, key = text.partition("|")
        at = datetime.fromisoformat(moment)
        if at.tzinfo is None:
            raise ValueError
        return at, UUID(key)
    except (ValueError, binascii.Error) as error:
        raise _refused() from error


def _refused() -> ValidationError:
    return ValidationError(
        {"cursor": [_("Send the cursor of the page before, and keep the order of time.")]},
        code="INVALID_CURSOR",
    )
