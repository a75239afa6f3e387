"""One paginator: reads page/per_page and limit/offset, answers with both key sets clients know."""

from typing import Any

from django.db.models import QuerySet
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

MOST_ROWS = 100


class Pagination(BasePagination):
    """Offset pages. `results_key` on the view names the list inside `data` (default `results`)."""

    default_size = 20

    def paginate_queryset(self, queryset: Any, request: Request, view: APIView | None = None) -> list[Any]:
        self.view = view
        default = getattr(view, "page_size", self.default_size)
        self.size = _number(request, ("per_page", "page_size", "limit"), default, least=1, most=MOST_ROWS)
        offset = _number(request, ("offset", "skip"), -1, least=0)
        self.offset = offset if offset >= 0 else (_number(request, ("page",), 1, least=1) - 1) * self.size
        self.total = queryset.count() if isinstance(queryset, QuerySet) else len(queryset)
        return list(queryset[self.offset : self.offset + self.size]) if self.offset < self.total else []

    def get_paginated_response(self, data: Any) -> Response:
        return Response({getattr(self.view, "results_key", "results"): data, "pagination": self.summary()})

    def summary(self) -> dict[str, Any]:
        page = self.offset // self.size + 1
        pages = max(1, -(-self.total // self.size))
        return {
            "page": page,
            "current_page": page,
            "per_page": self.size,
            "page_size": self.size,
            "total_items": self.total,
            "total_count": self.total,
            "total_pages": pages,
            "has_next": self.offset + self.size < self.total,
            "has_prev": self.offset > 0,
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return [
            _parameter("page", "Page number, from 1.", minimum=1),
            _parameter(
                "per_page", "Rows on a page; `limit` and `page_size` mean the same.", minimum=1, maximum=100
            ),
            _parameter("offset", "Rows to skip instead of a page; `skip` means the same.", minimum=0),
        ]

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        integer, boolean = {"type": "integer"}, {"type": "boolean"}
        summary = {
            **dict.fromkeys(
                (
                    "page",
                    "current_page",
                    "per_page",
                    "page_size",
                    "total_items",
                    "total_count",
                    "total_pages",
                ),
                integer,
            ),
            "has_next": boolean,
            "has_prev": boolean,
        }
        return {
            "type": "object",
            "properties": {"results": schema, "pagination": {"type": "object", "properties": summary}},
        }


def _number(
    request: Request, names: tuple[str, ...], default: int, *, least: int, most: int | None = None
) -> int:
    for name in names:
        text = request.query_params.get(name)
        if text is None:
            continue
        if not (text.isascii() and text.isdigit() and len(text) <= 9) or int(text) < least:
            constant = "INVALID_PAGE_NUMBER" if name == "page" else "INVALID_LIMIT_VALUE"
            raise ValidationError({name: ["Send a whole number."]}, code=constant)
        return min(int(text), most) if most else int(text)
    return default


def _parameter(name: str, description: str, **bounds: int) -> dict[str, Any]:
    schema = {"type": "integer", **bounds}
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}
