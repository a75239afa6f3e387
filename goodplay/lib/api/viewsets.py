"""The base of every endpoint."""

from typing import Any, ClassVar
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from rest_framework.exceptions import ParseError
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.viewsets import GenericViewSet

from goodplay.lib.errors import DomainError


class ApiViewSet(GenericViewSet[Any]):
    """A viewset that names its constants.

    `messages`: action → the envelope's constant; `also_says`: action → status → another that it may be. `errors`: action →
    the DomainErrors its operation may raise; the schema lists them. `throttle_scopes`: action → a rate of
    settings.REST_FRAMEWORK. `reads_json`: a body, where there is one, is a JSON object.
    """

    messages: ClassVar[dict[str, str]] = {}
    also_says: ClassVar[dict[str, dict[int, str]]] = {}
    errors: ClassVar[dict[str, tuple[type[DomainError], ...]]] = {}
    throttle_scopes: ClassVar[dict[str, str]] = {}
    results_key = "results"
    reads_json: ClassVar[bool] = True
    lookup_value_regex = "[^/]+"

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Read U+0000 in the address as the sign for what cannot be read: PostgreSQL refuses it, and nothing has that name."""
        named = {
            name: value.replace("\0", "\N{REPLACEMENT CHARACTER}") if isinstance(value, str) else value
            for name, value in kwargs.items()
        }
        return super().dispatch(request, *args, **named)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse what cannot be read before anything happens: U+0000 in a parameter, and a broken body.

        So also where the action wants no body at all: who sent a broken one meant something else.
        """
        super().initial(request, *args, **kwargs)
        if any("\0" in value for values in request.query_params.lists() for value in values[1]):
            raise ParseError(_("A parameter contains a null character."))
        if self.reads_json and request.method not in SAFE_METHODS:
            request.data  # noqa: B018  (reading it is what refuses it)

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
