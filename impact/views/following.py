"""Following one donation. Its donor comes signed in, or with the link of the receipt, which opens this and nothing else."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from donations.follow_links import opens
from donations.models import Donation
from impact.queries.following import public_organisation, way_of


@never_cache
@require_safe
def follow(request: HttpRequest, donation_id: UUID) -> HttpResponse:
    """Show the way of a donation. No name of a person stands on the page, and the link goes to nobody else's server."""
    donation = Donation.objects.filter(pk=donation_id).first()
    if donation is None or not _may_follow(request, donation):
        raise Http404
    page = {
        "donation": donation,
        "steps": way_of(donation, timezone.now()),
        "onlus": public_organisation(donation),
    }
    response = render(request, "impact/follow.html", page)
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _may_follow(request: HttpRequest, donation: Donation) -> bool:
    signed_in = request.user.is_authenticated and request.user.pk == donation.donor_id
    return signed_in or opens(donation.pk, request.GET.get("key", ""))
