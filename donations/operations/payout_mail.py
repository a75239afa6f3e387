"""Telling the people of an ONLUS that money is on its account, or did not get there."""

from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.operations.team_mail import tell
from donations.models import Payout
from goodplay.lib import mail
from goodplay.lib.templatetags.house import euros


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


def tell_trouble(*, payout_id: UUID) -> None:
    """Mail the same people that a payout did not arrive: they can mend a wrong account before the next one."""
    payout = Payout.objects.select_related("onlus", "account").get(pk=payout_id)
    words = {"amount": euros(payout.amount), "iban": payout.account.masked_iban}
    tell(
        payout.onlus.memberships.filter(wants_payout_mails=True),
        payout.onlus,
        subject=_("Your payout did not arrive"),
        sentences=[
            lambda: gettext("The bank did not bring %(amount)s to the account %(iban)s.") % words,
            lambda: gettext(
                "The money is yours and waits for the next payout. See whether the account is right."
            ),
        ],
        page="portal:payouts",
    )
