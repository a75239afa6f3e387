"""The one renderer: everything leaves in the envelope, money as exact JSON numbers, time as UTC with its offset."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import simplejson
from django.utils.functional import Promise
from rest_framework.renderers import BaseRenderer
from rest_framework.response import Response
from rest_framework.utils.serializer_helpers import ReturnDict, ReturnList


class EnvelopeRenderer(BaseRenderer):
    """Wrap data as `{"success": true, "message": CONSTANT, "data": …}`; errors come wrapped already.

    The constant is the response's own (see `answer`) or the view's `messages[action]`.
    """

    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None
    ) -> bytes:
        context = renderer_context or {}
        response = context.get("response")
        if response is not None and not getattr(response, "is_envelope", False):
            data = _wrap(data, response, context.get("view"))
        return to_json(data)


def answer(data: Any = None, *, message: str, status: int = 200) -> Response:
    """Make a response whose constant is not the view's usual one."""
    response = Response(data, status=status)
    response.message = message  # type: ignore[attr-defined]
    return response


def enveloped(body: dict[str, Any], *, status: int, headers: dict[str, str] | None = None) -> Response:
    """Make a response whose body already is the whole envelope."""
    response = Response(body, status=status, headers=headers)
    response.is_envelope = True  # type: ignore[attr-defined]
    return response


def to_json(data: Any) -> bytes:
    text = simplejson.dumps(
        data, use_decimal=True, default=_encode, ensure_ascii=False, separators=(",", ":"), for_json=False
    )
    return text.encode()


def _wrap(data: Any, response: Response, view: Any) -> dict[str, Any]:
    constant = getattr(response, "message", None)
    if constant is None:
        constant = getattr(view, "messages", {}).get(getattr(view, "action", None), "OK")
    envelope: dict[str, Any] = {"success": response.status_code < 400, "message": constant}
    if data is not None:
        envelope["data"] = data
    return envelope


def _encode(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, UUID | Promise):
        return str(value)
    if isinstance(value, ReturnDict | ReturnList):
        return value.copy()
    if isinstance(value, Decimal):
        return value
    if hasattr(value, "__iter__"):
        return list(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
