"""The base of every endpoint."""

from typing import Any, ClassVar

from django.db.models import Model
from rest_framework.viewsets import GenericViewSet

from goodplay.lib.errors import DomainError


class ApiViewSet(GenericViewSet[Model]):
    """A viewset that names its constants.

    `messages`: action → the envelope's constant. `errors`: action → the DomainErrors its operation may raise; the
    schema lists them. `throttle_scopes`: action → a rate of settings.REST_FRAMEWORK.
    """

    messages: ClassVar[dict[str, str]] = {}
    errors: ClassVar[dict[str, tuple[type[DomainError], ...]]] = {}
    throttle_scopes: ClassVar[dict[str, str]] = {}
    results_key = "results"
    lookup_value_regex = "[^/]+"

    def body(self) -> dict[str, Any]:
        """Validate the request with the action's input serializer and return its data."""
        serializer = self.get_serializer(data=self.request.data)
        serializer.is_valid(raise_exception=True)
        data: dict[str, Any] = serializer.validated_data
        return data
