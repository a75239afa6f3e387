"""What routes that answer with a document have in common."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.request import Request

from donations.operations import printing

LANGUAGE = OpenApiParameter("language", str, enum=printing.LANGUAGES, description="Language of the document.")
FORMAT = OpenApiParameter("format", str, enum=("json", "pdf"), description="json, or the document itself.")
PDF = {(200, "application/pdf"): OpenApiTypes.BINARY}


class OwnFormats(BaseContentNegotiation):
    """Leave `?format=` and the Accept header to the action: refusals are JSON whatever was asked for."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        wanted = (parser for parser in parsers if request.content_type.startswith(parser.media_type))
        return next(wanted, None)

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


def language_of(request: Request) -> str:
    """Return the language asked for, else the reader's own."""
    return request.query_params.get("language") or str(getattr(request.user, "preferred_language", "en"))


def pdf_answer(pdf: bytes, name: str) -> HttpResponse:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}.pdf"',
        "Cache-Control": "private, no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(pdf, content_type="application/pdf", headers=headers)


def either(json_shape: Any) -> dict[Any, Any]:
    """Describe a route that answers JSON, or a PDF when asked."""
    return {(200, "application/json"): json_shape, **PDF}
