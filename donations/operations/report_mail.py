"""Telling the people of an ONLUS that a financial summary is there."""

from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from donations.models import FinancialReport
from donations.report_periods import Stretch
from goodplay.lib import mail


def tell_members(*, report_id: UUID) -> None:
    """Mail everybody with a seat, but those who want no mail about money. Who asked for it themselves is not told."""
    report = FinancialReport.objects.select_related("onlus").get(pk=report_id)
    if report.onlus is None or report.status != FinancialReport.Status.PUBLISHED:
        return
    seats = report.onlus.memberships.select_related("user").order_by("pk")
    if report.made_by_id and seats.filter(user=report.made_by_id).exists():
        return
    page = reverse("portal:summary", args=[report.onlus_id, report.pk])
    for seat in seats.filter(user__is_active=True, wants_payout_mails=True):
        mail.send(
            to=seat.user.email,
            language=seat.user.preferred_language,
            subject=_("Your financial summary is ready"),
            template="financial_summary",
            facts={
                "name": seat.user.display_name,
                "onlus": report.onlus.name,
                "stretch": Stretch(report.first, report.last),
                "link": f"{settings.PUBLIC_URL}{page}",
            },
        )
