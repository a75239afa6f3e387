"""What donors of recurring gifts are told by mail."""

from datetime import date, datetime
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from donations.models import RecurringDonation
from goodplay.lib import mail
from goodplay.lib.time import rome_day

REASONS = {
    "INSUFFICIENT_CREDITS": gettext_lazy("There was not enough in your wallet."),
    "WALLET_FROZEN": gettext_lazy("Your wallet is frozen while a payment is disputed."),
    "ORGANIZATION_NOT_ELIGIBLE_FOR_DONATIONS": gettext_lazy(
        "The organisation cannot receive donations at the moment."
    ),
}
OTHERWISE = gettext_lazy("The payment did not go through.")


def tell_of_date(*, recurring_id: UUID, due_on: date) -> None:
    """Give notice of a coming date, unless the donor changed their mind since."""
    recurring = _of(recurring_id)
    if recurring.status == RecurringDonation.Status.ACTIVE and recurring.next_on == due_on:
        _send(recurring, "recurring_notice", gettext_lazy("Your donation is due soon"), day=due_on)


def tell_of_failure(*, recurring_id: UUID, code: str, next_attempt_at: datetime | None) -> None:
    recurring = _of(recurring_id)
    _send(
        recurring,
        "recurring_failed",
        gettext_lazy("Your donation could not be carried out"),
        why=REASONS.get(code, OTHERWISE),
        next_attempt=rome_day(next_attempt_at) if next_attempt_at else None,
    )


def tell_of_end(*, recurring_id: UUID) -> None:
    _send(_of(recurring_id), "recurring_ended", gettext_lazy("Your recurring donation has ended"))


def _of(recurring_id: UUID) -> RecurringDonation:
    return RecurringDonation.objects.select_related("donor", "onlus").get(pk=recurring_id)


def _send(recurring: RecurringDonation, template: str, subject: Promise, **facts: object) -> None:
    donor = recurring.donor
    mail.send(
        to=donor.email,
        language=donor.preferred_language,
        subject=subject,
        template=template,
        facts={
            "name": donor.display_name,
            "amount": recurring.amount,
            "onlus": recurring.onlus.name,
            **facts,
        },
    )
