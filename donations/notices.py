"""What players are told about their money. Kinds with a mail of their own are left out of the summaries."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from accounts.noticing import notice
from accounts.operations.notifications import notify
from donations.models import Donation, RecurringDonation, Review
from donations.signals import (
    donation_refunded,
    identity_decided,
    payment_disputed,
    payment_failed,
    payment_refunded,
    receipt_issued,
    recurring_charge_failed,
    recurring_ended,
    review_decided,
)
from goodplay.lib.events.handlers import reacts_to

notice(
    "receipt_issued",
    title=_("Your receipt %(number)s is ready"),
    text=_("For your gift of %(amount)s."),
    topic="donation_confirmations",
    link=("receipt", "receipt_id"),
    is_mailed=False,
)
notice(
    "donation_refunded",
    title=_("%(amount)s of your gift came back"),
    text=_("Your gift to %(onlus)s was given back, in whole or in part; the money is in your wallet."),
    link=("donation", "donation_id"),
)
notice(
    "payment_failed",
    title=_("Your payment of %(amount)s failed"),
    text=_("No money was taken. You can try again, or pay in another way."),
    link=("payment", "intent_id"),
)
notice(
    "payment_refunded",
    title=_("%(refunded)s are on their way back to you"),
    text=_("Your bank or card shows them within a few days."),
    link=("payment", "intent_id"),
    amounts=("refunded",),
    is_mailed=False,
)
notice(
    "payment_refund_failed",
    title=_("%(refunded)s could not be sent back to you"),
    text=_("They are in your wallet again."),
    link=("payment", "intent_id"),
    amounts=("refunded",),
    is_mailed=False,
)
notice(
    "payment_disputed",
    title=_("Your payment of %(amount)s is disputed"),
    text=_("Until it is settled, what it paid for is held."),
    link=("payment", "intent_id"),
    is_mailed=False,
)
notice(
    "credits_released",
    title=_("%(amount)s of credits are yours"),
    text=_("We looked at your game session, and all is well."),
    link=("session", "session_id"),
)
notice(
    "credits_refused",
    title=_("%(amount)s of credits were refused"),
    text=_("We looked at your game session and could not accept it. Write to us if you think we are wrong."),
    link=("session", "session_id"),
)
notice(
    "movement_released",
    title=_("Your %(amount)s go on"),
    text=_("We looked at the movement, and it is carried out."),
    link=("review", "review_id"),
)
notice(
    "movement_refused",
    title=_("Your %(amount)s were refused"),
    text=_("We looked at the movement and could not accept it. What was held is free again."),
    link=("review", "review_id"),
)
notice(
    "recurring_charge_failed",
    title=_("Your recurring gift of %(amount)s could not be made"),
    text=_("It was meant for %(onlus)s. Nothing was taken."),
    link=("recurring_donation", "recurring_id"),
    is_mailed=False,
)
notice(
    "recurring_ended",
    title=_("Your recurring gift of %(amount)s has ended"),
    text=_("It could not be made several times. You can set it up again for %(onlus)s."),
    link=("recurring_donation", "recurring_id"),
    is_mailed=False,
)
notice(
    "identity_approved",
    title=_("Your identity is confirmed"),
    text=_("Your limits are higher from now on."),
    link=("identity_verification", "verification_id"),
    is_mailed=False,
)
notice(
    "identity_rejected",
    title=_("Your identity could not be confirmed"),
    text=_("See what was missing, and hand it in again."),
    link=("identity_verification", "verification_id"),
    is_mailed=False,
)


@reacts_to(receipt_issued)
def tell_receipt(*, receipt_id: UUID, number: str, user_id: UUID, amount: str, now: datetime) -> None:
    facts = {"receipt_id": str(receipt_id), "number": number, "amount": amount}
    notify(user_id=user_id, kind="receipt_issued", facts=facts, dedupe_key=str(receipt_id), now=now)


@reacts_to(donation_refunded)
def tell_donation_refund(
    *, refund_id: UUID, donation_id: UUID, user_id: UUID, amount: str, now: datetime
) -> None:
    onlus = Donation.objects.values_list("onlus_name", flat=True).get(pk=donation_id)
    facts = {"donation_id": str(donation_id), "amount": amount, "onlus": onlus}
    notify(user_id=user_id, kind="donation_refunded", facts=facts, dedupe_key=str(refund_id), now=now)


@reacts_to(payment_failed)
def tell_payment_failure(*, intent_id: UUID, user_id: UUID, amount: str, status: str, now: datetime) -> None:
    """A payment the player gave up is no news to them."""
    if status == "failed":
        facts = {"intent_id": str(intent_id), "amount": amount}
        notify(user_id=user_id, kind="payment_failed", facts=facts, dedupe_key=str(intent_id), now=now)


@reacts_to(payment_refunded)
def tell_payment_refund(
    *, refund_id: UUID, intent_id: UUID, user_id: UUID, refunded: str, refund_status: str, now: datetime
) -> None:
    kind = "payment_refund_failed" if refund_status == "failed" else "payment_refunded"
    facts = {"intent_id": str(intent_id), "refunded": refunded}
    notify(user_id=user_id, kind=kind, facts=facts, dedupe_key=str(refund_id), now=now)


@reacts_to(payment_disputed)
def tell_payment_dispute(
    *, dispute_id: UUID, intent_id: UUID, user_id: UUID, disputed: str, dispute_status: str, now: datetime
) -> None:
    if dispute_status == "open":
        facts = {"intent_id": str(intent_id), "amount": disputed}
        notify(user_id=user_id, kind="payment_disputed", facts=facts, dedupe_key=str(dispute_id), now=now)


@reacts_to(review_decided)
def tell_review(
    *,
    review_id: UUID,
    subject: str,
    subject_id: UUID,
    user_id: UUID | None,
    amount: str,
    status: str,
    now: datetime,
) -> None:
    """Tell the player what became of what was held; organisations learn of payouts in their portal."""
    what = "credits" if subject == Review.Subject.SESSION else "movement"
    outcome = "released" if status == Review.Status.RELEASED else "refused"
    if user_id is None:
        return
    facts = {"review_id": str(review_id), "amount": amount}
    if subject == Review.Subject.SESSION:
        facts["session_id"] = str(subject_id)
    notify(user_id=user_id, kind=f"{what}_{outcome}", facts=facts, dedupe_key=str(review_id), now=now)


@reacts_to(recurring_charge_failed)
def tell_recurring_failure(*, charge_id: UUID, recurring_id: UUID, user_id: UUID, now: datetime) -> None:
    """Tell once for each date, however often it is tried."""
    facts = _recurring_facts(recurring_id)
    notify(user_id=user_id, kind="recurring_charge_failed", facts=facts, dedupe_key=str(charge_id), now=now)


@reacts_to(recurring_ended)
def tell_recurring_end(*, recurring_id: UUID, user_id: UUID, now: datetime) -> None:
    facts = _recurring_facts(recurring_id)
    notify(user_id=user_id, kind="recurring_ended", facts=facts, dedupe_key=str(recurring_id), now=now)


@reacts_to(identity_decided)
def tell_identity(*, verification_id: UUID, user_id: UUID, status: str, now: datetime) -> None:
    if status in ("approved", "rejected"):
        facts = {"verification_id": str(verification_id)}
        key = str(verification_id)
        notify(user_id=user_id, kind=f"identity_{status}", facts=facts, dedupe_key=key, now=now)


def _recurring_facts(recurring_id: UUID) -> dict[str, str]:
    recurring = RecurringDonation.objects.select_related("onlus").get(pk=recurring_id)
    return {"recurring_id": str(recurring_id), "amount": str(recurring.amount), "onlus": recurring.onlus.name}
