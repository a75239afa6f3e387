"""Every refusal leaves in the envelope: `{"success": false, "message": CONSTANT, "detail": …, "errors": {…}}`."""

import re
from typing import Any

import structlog
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import OperationalError
from django.http import Http404
from django.utils.translation import gettext as _
from redis.exceptions import RedisError
from rest_framework import exceptions, status
from rest_framework.response import Response

from goodplay.lib.api.permissions import StaffWith
from goodplay.lib.api.renderers import enveloped
from goodplay.lib.errors import DomainError

logger = structlog.get_logger("goodplay.api")

_CONSTANT = re.compile(r"[A-Z][A-Z0-9_]+")

_CONSTANTS: dict[type[Exception], str] = {
    exceptions.ParseError: "INVALID_REQUEST",
    exceptions.NotAuthenticated: "AUTHENTICATION_REQUIRED",
    exceptions.AuthenticationFailed: "TOKEN_INVALID",
    exceptions.PermissionDenied: "FORBIDDEN_ACTION",
    exceptions.NotFound: "RESOURCE_NOT_FOUND",
    exceptions.MethodNotAllowed: "METHOD_NOT_ALLOWED",
    exceptions.NotAcceptable: "NOT_ACCEPTABLE",
    exceptions.UnsupportedMediaType: "UNSUPPORTED_MEDIA_TYPE",
    exceptions.Throttled: "TOO_MANY_REQUESTS",
}


def handle(error: Exception, context: dict[str, Any]) -> Response:
    """Turn what a view raised into the envelope. What nobody foresaw becomes a logged 500 that tells nothing."""
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    _note_refusal(error, context)
    if isinstance(error, DomainError):
        error.settle()
        return refusal(error.code, str(error), status=error.status, data=error.data)
    if isinstance(error, exceptions.ValidationError):
        return _invalid(error)
    if isinstance(error, exceptions.APIException):
        return _known(error, context)
    if isinstance(error, RequestDataTooBig):
        return refusal("REQUEST_TOO_LARGE", _("The request is too large."), status=413)
    if isinstance(error, SuspiciousOperation):
        return refusal("INVALID_REQUEST", _("This request cannot be read."), status=400)
    if isinstance(error, (OperationalError, RedisError)):
        logger.exception("database or cache unavailable")
        return refusal("SERVICE_UNAVAILABLE", _("Please try again in a moment."), status=503)
    logger.exception("unexpected error", view=type(context.get("view")).__name__)
    return refusal("INTERNAL_SERVER_ERROR", _("Something went wrong on our side."), status=500)


def _note_refusal(error: Exception, context: dict[str, Any]) -> None:
    """Have it written down who tried what only staff may do; after whatever they tried is undone."""
    asked_for_staff = isinstance(error, exceptions.PermissionDenied) and error.get_codes() == StaffWith.code
    if asked_for_staff and StaffWith.note_refusal is not None and context["request"].user.is_authenticated:
        StaffWith.note_refusal(context["request"])


def refusal(
    constant: str,
    detail: str,
    *,
    status: int,
    errors: Any = None,
    data: Any = None,
    headers: dict[str, str] | None = None,
) -> Response:
    body: dict[str, Any] = {"success": False, "message": constant, "detail": detail}
    if errors is not None:
        body["errors"] = errors
    if data is not None:
        body["data"] = data
    return enveloped(body, status=status, headers=headers)


def _known(error: exceptions.APIException, context: dict[str, Any]) -> Response:
    headers = {}
    if auth_header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = auth_header
    if (wait := getattr(error, "wait", None)) is not None:
        headers["Retry-After"] = str(int(wait) + 1)
    codes = error.get_codes()
    if isinstance(codes, str) and _CONSTANT.fullmatch(codes):
        constant = codes
    else:
        constant = next((c for kind, c in _CONSTANTS.items() if isinstance(error, kind)), "INVALID_REQUEST")
    return refusal(constant, str(error.detail), status=error.status_code, headers=headers)


def _invalid(error: exceptions.ValidationError) -> Response:
    """Name the first field constant as the message, and list every sentence by field."""
    errors = error.detail if isinstance(error.detail, dict) else {"non_field_errors": error.detail}
    constants = [each for each in _codes(error.get_codes()) if _CONSTANT.fullmatch(each)]
    sentences = list(_sentences(errors))
    return refusal(
        constants[0] if constants else "VALIDATION_ERROR",
        sentences[0] if sentences else _("Some fields are not valid."),
        status=status.HTTP_400_BAD_REQUEST if "DATA_REQUIRED" in constants else 422,
        errors=errors,
    )


def _codes(codes: Any) -> list[str]:
    if isinstance(codes, dict):
        return [code for value in codes.values() for code in _codes(value)]
    if isinstance(codes, list):
        return [code for value in codes for code in _codes(value)]
    return [str(codes)]


def _sentences(errors: Any) -> list[str]:
    if isinstance(errors, dict):
        return [text for value in errors.values() for text in _sentences(value)]
    if isinstance(errors, list):
        return [text for value in errors for text in _sentences(value)]
    return [str(errors)]
