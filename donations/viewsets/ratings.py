"""Rating an organisation one gave to."""

from typing import ClassVar
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import Onlus
from accounts.queries import directory
from accounts.viewsets.directory import OnlusNotFound
from donations.models import OnlusRating
from donations.operations import ratings
from donations.operations.allocation_requests import OwnOrganisation
from donations.serializers import ratings as serializers
from goodplay.lib.api.viewsets import ApiViewSet
from goodplay.lib.errors import DomainError
from goodplay.lib.ids import parse_id


class RatingViewSet(ApiViewSet):
    """The caller's stars for an organisation. Nobody else sees whose they are."""

    serializer_class = serializers.RatingInput
    messages: ClassVar[dict[str, str]] = {
        "retrieve": "DONOR_RATING_RETRIEVED_SUCCESS",
        "update": "DONOR_RATING_SAVED_SUCCESS",
        "destroy": "DONOR_RATING_REMOVED_SUCCESS",
    }
    errors: ClassVar[dict[str, tuple[type[DomainError], ...]]] = {
        "retrieve": (OnlusNotFound,),
        "update": (OnlusNotFound, OwnOrganisation, ratings.RatingNeedsGift),
        "destroy": (OnlusNotFound,),
    }

    @extend_schema(responses=serializers.RatingSerializer)
    def retrieve(self, request: Request, onlus_id: str) -> Response:
        """Tell the caller's own stars beside the mean."""
        return self._told(_public(onlus_id))

    @extend_schema(request=serializers.RatingInput, responses=serializers.RatingSerializer)
    def update(self, request: Request, onlus_id: str) -> Response:
        """Give the organisation 1 to 5 stars, or others than before. Only who gave to it can."""
        stars, onlus = self.body()["rating"], _public(onlus_id)
        rated = ratings.rate(donor_id=self.caller_id, onlus_id=onlus.pk, stars=stars, now=timezone.now())
        return self._told(rated)

    @extend_schema(request=None, responses={200: serializers.RatingSerializer})
    def destroy(self, request: Request, onlus_id: str) -> Response:
        """Take one's stars back."""
        return self._told(ratings.take_back(donor_id=self.caller_id, onlus_id=_public(onlus_id).pk))

    def _told(self, onlus: Onlus) -> Response:
        own = OnlusRating.objects.filter(onlus=onlus, donor=self.caller_id).first()
        told = {
            "organization_id": onlus.pk,
            "rating": own.stars if own else None,
            "rated_at": own.rated_at if own else None,
            "donor_rating": onlus.donor_rating,
            "rating_count": onlus.rating_count,
        }
        return Response(serializers.RatingSerializer(told).data)


def _public(onlus_id: str) -> Onlus:
    found: UUID = parse_id(onlus_id)
    onlus = directory.public().filter(pk=found).first()
    if onlus is None:
        raise OnlusNotFound
    return onlus
