"""Reading request bodies: strict JSON that keeps numbers as they were written, and refuses what is too large."""

import json
from collections.abc import Mapping
from typing import Any, NoReturn

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser

from goodplay.lib.errors import DomainError

DEEPEST = 40


class BodyTooLarge(DomainError):
    code = "REQUEST_TOO_LARGE"
    message = _("The request is too large.")
    status = 413


class WrittenFloat(float):
    """A JSON number that remembers its text: 12.345 and 1e2 can then be refused as amounts of money."""

    literal: str

    def __new__(cls, literal: str) -> "WrittenFloat":
        number = super().__new__(cls, literal)
        number.literal = literal
        return number


class JSONParser(BaseParser):
    """Parse a JSON object in UTF-8. An empty body is an empty object."""

    media_type = "application/json"

    def parse(
        self, stream: Any, media_type: str | None = None, parser_context: Any = None
    ) -> Mapping[str, Any]:
        body = _read(stream)
        if not body.strip():
            return {}
        try:
            data = json.loads(body.decode(), parse_float=WrittenFloat, parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            raise ParseError(_("The body is not valid JSON.")) from error
        if not isinstance(data, dict):
            raise ParseError(_("The body must be a JSON object."))
        if _depth(data) > DEEPEST or _has_null_byte(data):
            raise ParseError(_("The body is not acceptable JSON."))
        return data


def _read(stream: Any) -> bytes:
    try:
        body: bytes = stream.body if hasattr(stream, "body") else stream.read()
    except RequestDataTooBig as error:
        raise BodyTooLarge from error
    if len(body) > (settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0):
        raise BodyTooLarge
    return body


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _depth(value: Any) -> int:
    """Count nesting level by level, without recursion."""
    level, depth = [value], 0
    while level:
        depth += 1
        level = [
            child
            for each in level
            if isinstance(each, dict | list)
            for child in (each.values() if isinstance(each, dict) else each)
        ]
    return depth


def _has_null_byte(value: Any) -> bool:
    """PostgreSQL cannot store U+0000 in text; lone surrogates have no UTF-8 form."""
    text = json.dumps(value)
    return "\\u0000" in text or ("\\ud" in text and _has_lone_surrogate(value))


def _has_lone_surrogate(value: Any) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False
