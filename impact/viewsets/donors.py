"""A donor's own impact."""

from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from donations.models import Donation, Transfer
from donations.queries.donated import donation_history
from goodplay.lib.api.permissions import insist_on_proof
from goodplay.lib.api.viewsets import ApiViewSet
from goodplay.lib.errors import AccessDenied, DomainError, NotFound
from goodplay.lib.ids import parse_id
from impact.caches import kept_summary
from impact.queries import summaries, timeline
from impact.serializers import donors as donor_shapes
from impact.viewsets.asking import asked_of


class UserNotFound(NotFound):
    code = "USER_NOT_FOUND"
    message = _("There is no such player.")


class DonationNotFound(NotFound):
    code = "DONATION_NOT_FOUND"
    message = _("There is no such donation.")


class TransactionNotDonation(DomainError):
    code = "TRANSACTION_NOT_DONATION"
    message = _("This transaction is no donation.")


class DonorImpactViewSet(ApiViewSet):
    """What a donor's gifts did: for the donor, and for staff who may see donations."""

    serializer_class = donor_shapes.DonorSummarySerializer
    messages: ClassVar[dict[str, str]] = {
        "retrieve": "USER_IMPACT_SUMMARY_SUCCESS",
        "timeline": "USER_TIMELINE_SUCCESS",
        "donation": "DONATION_IMPACT_DETAILS_SUCCESS",
    }
    errors: ClassVar[dict[str, tuple[type[DomainError], ...]]] = {
        "retrieve": (AccessDenied, UserNotFound),
        "timeline": (AccessDenied, UserNotFound),
        "donation": (DonationNotFound, TransactionNotDonation),
    }

    @extend_schema(responses=donor_shapes.DonorSummarySerializer)
    def retrieve(self, request: Request, user_id: str) -> Response:
        donor_id = _allowed_user(request, user_id)
        return Response(kept_summary(donor_id, lambda: _summary(donor_id)))

    @extend_schema(parameters=[donor_shapes.TimelineQuery], responses=donor_shapes.TimelineSerializer)
    def timeline(self, request: Request, user_id: str) -> Response:
        """List donations, unlocked stories and milestones of the last days, newest first."""
        person = _allowed_user(request, user_id)
        asked = asked_of(donor_shapes.TimelineQuery, request)
        since = timezone.now() - timedelta(days=asked["days"])
        events = timeline.donor_timeline(person, since=since, limit=asked["limit"])
        shown = {
            "user_id": person,
            "timeline_events": events,
            "timeline": events,
            "period_days": asked["days"],
            "limit": asked["limit"],
        }
        return Response(donor_shapes.TimelineSerializer(shown).data)

    @extend_schema(responses=donor_shapes.DonationStorySerializer)
    def donation(self, request: Request, donation_id: str) -> Response:
        """Follow one donation: the news, figures and stories it led to."""
        story = summaries.donation_story(allowed_donation(request, donation_id), timezone.now())
        return Response(donor_shapes.DonationStorySerializer(story).data)


def _summary(donor_id: UUID) -> dict[str, Any]:
    summary = summaries.donor_summary(donor_id, timezone.now())
    return dict(donor_shapes.DonorSummarySerializer(summary).data)


def _allowed_user(request: Request, user_id: str) -> UUID:
    """Let players see themselves, and staff who may see donations and proved who they are everybody."""
    wanted = parse_id(user_id)
    if wanted == request.user.pk:
        return wanted
    if not _sees_all_donations(request.user):
        raise AccessDenied
    insist_on_proof(request)
    if not User.objects.filter(pk=wanted).exists():
        raise UserNotFound
    return wanted


def allowed_donation(request: Request, donation_id: str) -> Donation:
    """Find the caller's own donation, or anybody's for staff who may and proved who they are.

    To everybody else somebody else's does not exist.
    """
    wanted = parse_id(donation_id)
    caller: Any = request.user
    donation = donation_history(caller.pk).filter(pk=wanted).first()
    if donation is not None:
        return donation
    if Transfer.objects.filter(transaction_id=wanted, player_id=caller.pk).exists():
        raise TransactionNotDonation
    if _sees_all_donations(caller):
        insist_on_proof(request)
        donation = Donation.objects.filter(pk=wanted).first()
    if donation is None:
        raise DonationNotFound
    return donation


def _sees_all_donations(caller: Any) -> bool:
    return caller.is_staff and caller.has_perm("donations.view_donation")
