"""Telling the people of an ONLUS that money is on its account."""

from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from donations.models import Payout
from goodplay.lib import mail


def tell_members(*, payout_id: UUID) -> None:
    """Mail everybody with a seat in the ONLUS, but those who want no such mail, about a payout that was settled."""
    payout = Payout.objects.select_related("onlus", "account").get(pk=payout_id)
    wanting = payout.onlus.memberships.filter(user__is_active=True, wants_payout_mails=True)
    seats = wanting.select_related("user").order_by("pk")
    page = reverse("portal:payout", args=[payout.onlus_id, payout.pk])
    for seat in seats:
        mail.send(
            to=seat.user.email,
            language=seat.user.preferred_language,
            subject=_("Your payout has been made"),
            template="payout_settled",
            facts={
                "name": seat.user.display_name,
                "onlus": payout.onlus.name,
                "amount": payout.amount,
                "iban": payout.account.masked_iban,
                "reference": payout.end_to_end_id,
                "link": f"{settings.PUBLIC_URL}{page}",
            },
        )
