"""The base of every endpoint."""

from typing import Any, ClassVar
from uuid import UUID

from rest_framework.viewsets import GenericViewSet

from goodplay.lib.errors import DomainError


class ApiViewSet(GenericViewSet[Any]):
    """A viewset that names its constants.

    `messages`: action → the envelope's constant. `errors`: action → the DomainErrors its operation may raise; the
    schema lists them. `throttle_scopes`: action → a rate of settings.REST_FRAMEWORK.
    """

    messages: ClassVar[dict[str, str]] = {}
    errors: ClassVar[dict[str, tuple[type[DomainError], ...]]] = {}
    throttle_scopes: ClassVar[dict[str, str]] = {}
    results_key = "results"
    lookup_value_regex = "[^/]+"

    @property
    def caller(self) -> Any:
        """The signed-in User (or TokenUser on hot reads). Permissions have let nobody else in."""
        return self.request.user

    @property
    def caller_id(self) -> UUID:
        return UUID(str(self.request.user.pk))

    def body(self) -> dict[str, Any]:
        """Validate the request with the action's input serializer and return its data."""
        serializer = self.get_serializer(data=self.request.data)
        serializer.is_valid(raise_exception=True)
        data: dict[str, Any] = serializer.validated_data
        return data
