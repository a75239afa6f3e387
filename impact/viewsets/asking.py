"""Reading what a caller asked for."""

from typing import Any

from rest_framework.request import Request


def asked_of(kind: Any, request: Request) -> dict[str, Any]:
    """Read the query's parameters by their serializer."""
    parameters = kind(data=request.query_params.dict())
    parameters.is_valid(raise_exception=True)
    asked: dict[str, Any] = parameters.validated_data
    return asked
