"""Giving the same again and again: set up, change one's mind, and carry out what falls due."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Onlus, User
from donations.models import Donation, RecurringCharge, RecurringDonation, SavedPaymentMethod
from donations.operations import giving, payment_intents, saved_methods
from donations.queries.recurring import due_recurring, first_date_from, next_date
from donations.signals import recurring_charge_failed, recurring_ended, recurring_notice_due
from goodplay.lib.audit import trail
from goodplay.lib.db import claim
from goodplay.lib.errors import Conflict, DomainError, NotFound
from goodplay.lib.time import rome_day

Status = RecurringDonation.Status
Source = RecurringDonation.Source
ChargeStatus = RecurringCharge.Status

RETRY_AFTER = (timedelta(days=1), timedelta(days=3), timedelta(days=5))
MOST_FAILED_IN_A_ROW = 3
LOST_AFTER = timedelta(hours=1)

TAKEN_BACK = "CANCELLED_BY_DONOR"
NEVER_AGAIN = ("REJECTED_BY_REVIEW", "PAYMENT_REFUNDED", "PAYMENT_DISPUTED")
"""What ends a date without another attempt: somebody decided, or claimed the money back."""


class RecurringNotFound(NotFound):
    code = "RECURRING_DONATION_NOT_FOUND"
    message = _("There is no such recurring donation.")


class RecurringOver(Conflict):
    code = "RECURRING_DONATION_STATE"
    message = _("This recurring donation is in a state that does not allow this.")


class StartInThePast(DomainError):
    code = "RECURRING_START_IN_THE_PAST"
    message = _("A recurring donation begins today or later, within a year.")


@transaction.atomic
def set_up(
    *,
    donor: User,
    onlus_id: UUID,
    amount: Decimal,
    interval: str,
    now: datetime,
    source: str = Source.WALLET,
    saved_method_id: UUID | None = None,
    cover_fees: bool = False,
    starts_on: date | None = None,
    message: str = "",
    is_anonymous: bool = False,
) -> RecurringDonation:
    """Promise a gift from `starts_on` (today when left out) on. Nothing moves yet.

    Raises DonorNotVerified, DonationTooLarge, OnlusNotFound, OnlusNotEligible, StartInThePast, SavedMethodNotFound.
    """
    giving.draft(donor=donor, amount=amount, now=now)
    onlus = Onlus.objects.filter(pk=onlus_id).first()
    if onlus is None:
        raise giving.OnlusNotFound
    if not onlus.accepts_donations:
        raise giving.OnlusNotEligible
    today = rome_day(now)
    first = starts_on or today
    if not today <= first <= today + timedelta(days=366):
        raise StartInThePast
    method = _method(donor, source, saved_method_id)
    return RecurringDonation.objects.create(
        donor=donor,
        onlus=onlus,
        amount=amount,
        interval=interval,
        source=source,
        saved_method=method,
        cover_fees=cover_fees and method is not None,
        message=message,
        is_anonymous=is_anonymous,
        anchor_day=first.day,
        next_on=first,
        # Who sets up a gift knows its first date.
        noticed_for=first,
        created_at=now,
    )


def _method(donor: User, source: str, saved_method_id: UUID | None) -> SavedPaymentMethod | None:
    if source == Source.WALLET:
        return None
    if saved_method_id is None:
        raise saved_methods.SavedMethodNotFound
    return saved_methods.own(player_id=donor.pk, method_id=saved_method_id)


# The donor's choices ----------------------------------------------------------------------------------------------


@transaction.atomic
def pause(*, donor_id: UUID, recurring_id: UUID, now: datetime) -> RecurringDonation:
    """Stop until it is resumed. A date that fell due and waits for another attempt is skipped."""
    recurring = _own(donor_id, recurring_id, Status.ACTIVE)
    _skip_waiting(recurring)
    return _save(recurring, status=Status.PAUSED)


@transaction.atomic
def resume(*, donor_id: UUID, recurring_id: UUID, now: datetime) -> RecurringDonation:
    """Go on with the next date of the schedule; dates of the pause are not made up for."""
    recurring = _own(donor_id, recurring_id, Status.PAUSED)
    next_on = first_date_from(rome_day(now), recurring.next_on, recurring.interval, recurring.anchor_day)
    return _save(recurring, status=Status.ACTIVE, next_on=next_on)


@transaction.atomic
def skip(*, donor_id: UUID, recurring_id: UUID, now: datetime) -> RecurringDonation:
    """Leave out the next date, and only that."""
    recurring = _own(donor_id, recurring_id, Status.ACTIVE)
    recurring.charges.create(due_on=recurring.next_on, status=ChargeStatus.SKIPPED, created_at=now)
    return _advance(recurring)


@transaction.atomic
def cancel(
    *, donor_id: UUID, recurring_id: UUID, now: datetime, by: User | None = None, reason: str = ""
) -> RecurringDonation:
    """End it for good. When staff do it for the donor (`by`), the trail says why."""
    recurring = _own(donor_id, recurring_id, Status.ACTIVE, Status.PAUSED)
    _skip_waiting(recurring)
    before = {"status": recurring.status}
    ended = _save(recurring, status=Status.CANCELLED, ended_at=now)
    if by is not None:
        after = {"status": ended.status}
        trail.record(
            actor=by, action="recurring_end", target=ended, now=now, before=before, after=after, reason=reason
        )
    return ended


def _own(donor_id: UUID, recurring_id: UUID, *allowed: RecurringDonation.Status) -> RecurringDonation:
    """Lock the donor's own promise, in a state that allows the step."""
    own = RecurringDonation.objects.select_for_update(of=("self",)).select_related("onlus", "saved_method")
    recurring = own.filter(pk=recurring_id, donor_id=donor_id).first()
    if recurring is None:
        raise RecurringNotFound
    if recurring.status not in allowed:
        raise RecurringOver
    return recurring


def _skip_waiting(recurring: RecurringDonation) -> None:
    waiting = recurring.charges.filter(status=ChargeStatus.PENDING)
    waiting.update(status=ChargeStatus.SKIPPED, next_attempt_at=None)


def _advance(recurring: RecurringDonation) -> RecurringDonation:
    next_on = next_date(recurring.next_on, recurring.interval, recurring.anchor_day)
    return _save(recurring, next_on=next_on)


def _save(recurring: RecurringDonation, **columns: Any) -> RecurringDonation:
    for name, value in columns.items():
        setattr(recurring, name, value)
    recurring.save(update_fields=list(columns))
    return recurring


# What falls due ---------------------------------------------------------------------------------------------------


def open_due_charges(*, now: datetime) -> int:
    """Write down every date that came, once, and move its promise on to the next."""
    due = list(due_recurring(rome_day(now)).values_list("pk", flat=True))
    return sum(_open_charge(key, now) for key in due)


@transaction.atomic
def _open_charge(recurring_id: UUID, now: datetime) -> bool:
    due = RecurringDonation.objects.active().filter(next_on__lte=rome_day(now))
    recurring = due.select_for_update().filter(pk=recurring_id).first()
    if recurring is None:
        return False
    try:
        with transaction.atomic():
            RecurringCharge.objects.create(
                recurring=recurring, due_on=recurring.next_on, next_attempt_at=now, created_at=now
            )
    except IntegrityError:  # the date was dealt with already
        _advance(recurring)
        return False
    _advance(recurring)
    return True


def attempt(*, charge_id: UUID, now: datetime) -> None:
    """Try to carry out one due date; does nothing when somebody else has it or it is not due any more.

    From the wallet the gift is made at once. With a saved means of payment the payment is made outside of any
    transaction, once per attempt by its key; `settle` hears how it ended, also after a crash (see `find_lost`).
    """
    charge = _claimed(charge_id, now)
    if charge is None:
        return
    try:
        if charge.recurring.source == Source.WALLET:
            _give(charge, now)
        else:
            _pay(charge, now)
    except DomainError as error:
        error.settle()
        if not _follow(charge, now):
            _failed(charge, error.code, now)


@transaction.atomic
def _claimed(charge_id: UUID, now: datetime) -> RecurringCharge | None:
    """Take one due attempt. The promise is locked first: a pause or an end that came before wins."""
    promises = RecurringDonation.objects.select_for_update(of=("self",)).select_related("donor")
    promise = promises.filter(charges=charge_id).first()
    if promise is None:
        return None
    if promise.status != Status.ACTIVE or not promise.donor.is_active:
        _skip_waiting(promise)
        return None
    due = RecurringCharge.objects.filter(status=ChargeStatus.PENDING, next_attempt_at__lte=now)
    own = due.select_for_update(of=("self",)).select_related("recurring__donor")
    charge = own.filter(pk=charge_id).first()
    if charge is None:
        return None
    charge.attempts += 1
    charge.status, charge.attempted_at, charge.next_attempt_at = ChargeStatus.PROCESSING, now, None
    charge.save(update_fields=["attempts", "status", "attempted_at", "next_attempt_at"])
    return charge


@transaction.atomic
def _give(charge: RecurringCharge, now: datetime) -> None:
    recurring = charge.recurring
    donation = giving.donate(
        donor=recurring.donor,
        onlus_id=recurring.onlus_id,
        amount=recurring.amount,
        message=recurring.message,
        is_anonymous=recurring.is_anonymous,
        recurring=recurring,
        now=now,
    )
    _link(charge, donation)


def _pay(charge: RecurringCharge, now: datetime) -> None:
    recurring = charge.recurring
    payment_intents.start_gift_payment(
        donor=recurring.donor,
        onlus_id=recurring.onlus_id,
        amount=recurring.amount,
        cover_fees=recurring.cover_fees,
        saved_method_id=recurring.saved_method_id,
        is_off_session=True,
        message=recurring.message,
        is_anonymous=recurring.is_anonymous,
        recurring=recurring,
        request_key=f"{charge.pk}:{charge.attempts}",
        now=now,
    )
    _follow(charge, now)


@transaction.atomic
def _follow(charge: RecurringCharge, now: datetime) -> bool:
    """Link the gift this attempt made, if it made one, and say whether it is on its way or done."""
    made = Donation.objects.filter(recurring=charge.recurring_id, created_at__gte=charge.attempted_at)
    donation = made.filter(recurring_charge=None).order_by("created_at").first()
    if donation is None or donation.status in (Donation.Status.CANCELLED, Donation.Status.FAILED):
        return False
    _link(charge, donation)
    return True


def _link(charge: RecurringCharge, donation: Donation) -> None:
    """Name the gift of a due date. One that waits for its payment or a review is heard of by `settle`."""
    done = donation.status == Donation.Status.COMPLETED
    charge.status = ChargeStatus.SUCCEEDED if done else ChargeStatus.PROCESSING
    charge.donation, charge.last_error = donation, ""
    charge.save(update_fields=["status", "donation", "last_error"])


@transaction.atomic
def settle(*, donation_id: UUID, succeeded: bool, code: str = "", now: datetime) -> None:
    """Hear how the waiting gift of a due date ended. Hearing it again changes nothing."""
    waiting = RecurringCharge.objects.filter(donation_id=donation_id, status=ChargeStatus.PROCESSING)
    charge = waiting.select_for_update(of=("self",)).select_related("recurring__donor").first()
    if charge is None:
        return
    if succeeded:
        claim(waiting, status=ChargeStatus.SUCCEEDED)
    elif code == TAKEN_BACK:
        claim(waiting, status=ChargeStatus.SKIPPED, donation=None)
    else:
        charge.donation = None
        _failed(charge, code, now)


def find_lost(*, now: datetime) -> int:
    """Take up attempts a crash left behind: follow the gift each made, or count it as failed when it made none."""
    lost = RecurringCharge.objects.filter(
        status=ChargeStatus.PROCESSING, donation=None, attempted_at__lt=now - LOST_AFTER
    )
    found = list(lost.values_list("pk", flat=True))
    for key in found:
        _find(key, now)
    return len(found)


@transaction.atomic
def _find(charge_id: UUID, now: datetime) -> None:
    rows = RecurringCharge.objects.filter(status=ChargeStatus.PROCESSING, donation=None)
    charge = (
        rows.select_for_update(of=("self",)).select_related("recurring__donor").filter(pk=charge_id).first()
    )
    if charge is not None and not _follow(charge, now):
        _failed(charge, "INTERRUPTED", now)


@transaction.atomic
def _failed(charge: RecurringCharge, code: str, now: datetime) -> None:
    """Plan the next attempt; after the last the date is given up, after three such dates in a row the promise."""
    goes_on = RecurringDonation.objects.active().filter(pk=charge.recurring_id).exists()
    over = charge.attempts > len(RETRY_AFTER) or code in NEVER_AGAIN or not goes_on
    charge.status = ChargeStatus.FAILED if over else ChargeStatus.PENDING
    charge.next_attempt_at = None if over else now + RETRY_AFTER[charge.attempts - 1]
    charge.last_error = code
    charge.save(update_fields=["status", "next_attempt_at", "last_error", "donation"])
    recurring_charge_failed.announce(charge=charge)
    if over and _failed_in_a_row(charge.recurring):
        ending = RecurringDonation.objects.filter(pk=charge.recurring_id, status=Status.ACTIVE)
        if claim(ending, status=Status.FAILED, ended_at=now):
            recurring_ended.announce(recurring=charge.recurring)


def _failed_in_a_row(recurring: RecurringDonation) -> bool:
    closed = recurring.charges.filter(status__in=(ChargeStatus.SUCCEEDED, ChargeStatus.FAILED))
    latest = closed.order_by("-due_on")
    statuses = list(latest.values_list("status", flat=True)[:MOST_FAILED_IN_A_ROW])
    return statuses == [ChargeStatus.FAILED.value] * MOST_FAILED_IN_A_ROW


@transaction.atomic
def give_notice(*, recurring_id: UUID, now: datetime) -> bool:
    """Tell the donor of the coming date, once a date."""
    recurring = RecurringDonation.objects.active().select_for_update().filter(pk=recurring_id).first()
    if recurring is None or recurring.noticed_for == recurring.next_on:
        return False
    _save(recurring, noticed_for=recurring.next_on)
    recurring_notice_due.announce(recurring=recurring)
    return True
