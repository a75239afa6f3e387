"""Recurring donations over REST."""

from collections.abc import Callable
from typing import ClassVar

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins
from rest_framework.request import Request
from rest_framework.response import Response

from donations.models import RecurringDonation
from donations.operations import giving, recurring, saved_methods
from donations.queries.recurring import recurring_of
from donations.serializers import recurring as serializers
from goodplay.lib.api.viewsets import ApiViewSet
from goodplay.lib.errors import DomainError
from goodplay.lib.idempotency.api import idempotent
from goodplay.lib.ids import parse_id

_REFUSED = (recurring.RecurringNotFound, recurring.RecurringOver)


class RecurringDonationViewSet(mixins.ListModelMixin, ApiViewSet):
    """The signed-in donor's own recurring donations."""

    serializer_class = serializers.RecurringSerializer
    results_key = "recurring_donations"
    messages: ClassVar[dict[str, str]] = {
        "create": "RECURRING_DONATION_CREATED",
        "list": "RECURRING_DONATIONS_RETRIEVED",
        "retrieve": "RECURRING_DONATION_RETRIEVED",
        "pause": "RECURRING_DONATION_PAUSED",
        "resume": "RECURRING_DONATION_RESUMED",
        "skip": "RECURRING_DONATION_SKIPPED",
        "cancel": "RECURRING_DONATION_CANCELLED",
    }
    errors: ClassVar[dict[str, tuple[type[DomainError], ...]]] = {
        "create": (
            giving.DonorNotVerified,
            giving.DonationTooLarge,
            giving.OnlusNotFound,
            giving.OnlusNotEligible,
            recurring.StartInThePast,
            saved_methods.SavedMethodNotFound,
        ),
        "retrieve": (recurring.RecurringNotFound,),
        "pause": _REFUSED,
        "resume": _REFUSED,
        "skip": _REFUSED,
        "cancel": _REFUSED,
    }
    throttle_scopes: ClassVar[dict[str, str]] = {"create": "money"}

    def get_queryset(self) -> QuerySet[RecurringDonation]:
        if getattr(self, "swagger_fake_view", False):
            return RecurringDonation.objects.none()
        return recurring_of(self.caller_id)

    @extend_schema(request=serializers.RecurringInput, responses={201: serializers.RecurringSerializer})
    @idempotent
    def create(self, request: Request) -> Response:
        """Promise the same gift again and again. The first is made on `starts_on`, by the next hourly run."""
        serializer = serializers.RecurringInput(data=request.data)
        serializer.is_valid(raise_exception=True)
        made = recurring.set_up(donor=self.caller, now=timezone.now(), **serializer.validated_data)
        return Response(serializers.RecurringSerializer(made).data, status=201)

    @extend_schema(responses=serializers.RecurringSerializer)
    def retrieve(self, request: Request, recurring_id: str) -> Response:
        """Show one recurring donation."""
        found = self.get_queryset().filter(pk=parse_id(recurring_id)).first()
        if found is None:
            raise recurring.RecurringNotFound
        return Response(serializers.RecurringSerializer(found).data)

    @extend_schema(request=None, responses=serializers.RecurringSerializer)
    def pause(self, request: Request, recurring_id: str) -> Response:
        """Give nothing until it is resumed."""
        return self._step(recurring.pause, recurring_id)

    @extend_schema(request=None, responses=serializers.RecurringSerializer)
    def resume(self, request: Request, recurring_id: str) -> Response:
        """Go on with the next date of the schedule; dates of the pause are left out."""
        return self._step(recurring.resume, recurring_id)

    @extend_schema(request=None, responses=serializers.RecurringSerializer)
    @idempotent
    def skip(self, request: Request, recurring_id: str) -> Response:
        """Leave out the next date only."""
        return self._step(recurring.skip, recurring_id)

    @extend_schema(request=None, responses=serializers.RecurringSerializer)
    @idempotent
    def cancel(self, request: Request, recurring_id: str) -> Response:
        """End it for good."""
        return self._step(recurring.cancel, recurring_id)

    def _step(self, operation: Callable[..., RecurringDonation], recurring_id: str) -> Response:
        changed = operation(donor_id=self.caller_id, recurring_id=parse_id(recurring_id), now=timezone.now())
        return Response(serializers.RecurringSerializer(changed).data)
