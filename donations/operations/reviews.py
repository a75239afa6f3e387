"""The check point: movements above a threshold wait as holds until somebody decides.

It fails closed: a movement that must wait has moved nothing. Fraud and compliance rules give their reasons here too.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from donations.models import Review, ReviewThreshold
from donations.queries.reviews import threshold
from donations.signals import review_opened
from goodplay.lib.audit import trail
from goodplay.lib.db import claim
from goodplay.lib.errors import AccessDenied, Conflict

Subject = ReviewThreshold.Subject

ABOVE_THRESHOLD = "AMOUNT_ABOVE_THRESHOLD"


class ReviewAlreadyDecided(Conflict):
    code = "REVIEW_ALREADY_DECIDED"
    message = _("Somebody decided this review already.")


class OwnMovement(AccessDenied):
    code = "FOUR_EYES_REQUIRED"
    message = _("Nobody decides about their own money: ask a colleague.")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What carries out a decision: both get the subject's key and the moment, inside the decision's transaction."""

    release: Callable[[UUID, datetime], object]
    reject: Callable[[UUID, datetime], object]


_outcomes: dict[str, Outcome] = {}


def decides(
    subject: ReviewThreshold.Subject,
    *,
    release: Callable[[UUID, datetime], object],
    reject: Callable[[UUID, datetime], object],
) -> None:
    """Say what happens to movements of this kind once they are decided."""
    _outcomes[subject.value] = Outcome(release, reject)


def reasons(*, subject: ReviewThreshold.Subject, amount: Decimal) -> list[str]:
    """Return why a movement must wait; an empty list lets it pass. No query while the thresholds are cached."""
    limit = threshold(subject)
    return [ABOVE_THRESHOLD] if limit is not None and amount >= limit else []


def open_review(
    *,
    subject: ReviewThreshold.Subject,
    subject_id: UUID,
    player_id: UUID | None,
    amount: Decimal,
    reasons: list[str],
    now: datetime,
) -> Review:
    review = Review.objects.create(
        subject=subject,
        subject_id=subject_id,
        player_id=player_id,
        amount=amount,
        reasons=reasons,
        created_at=now,
    )
    review_opened.announce(review=review)
    return review


@transaction.atomic
def release(*, review: Review, decided_by: User, reason: str, now: datetime) -> Review:
    """Let the movement happen. Raises ReviewAlreadyDecided, OwnMovement, and whatever refuses the movement itself."""
    return _decide(review, Review.Status.RELEASED, decided_by, reason, now)


@transaction.atomic
def reject(*, review: Review, decided_by: User, reason: str, now: datetime) -> Review:
    """Give the held money back where it came from."""
    return _decide(review, Review.Status.REJECTED, decided_by, reason, now)


def withdraw(*, subject: ReviewThreshold.Subject, subject_id: UUID, now: datetime) -> bool:
    """Close the open review of a movement that ended by itself, and say whether there was one."""
    own = Review.objects.open().filter(subject=subject, subject_id=subject_id)
    return claim(own, status=Review.Status.WITHDRAWN, decided_at=now)


def _decide(review: Review, status: Review.Status, decided_by: User, reason: str, now: datetime) -> Review:
    if review.player_id == decided_by.pk:
        raise OwnMovement
    decision = {"status": status, "decided_by": decided_by, "decision_reason": reason, "decided_at": now}
    if not claim(Review.objects.open().filter(pk=review.pk), **decision):
        raise ReviewAlreadyDecided
    outcome = _outcomes[review.subject]
    (outcome.release if status == Review.Status.RELEASED else outcome.reject)(review.subject_id, now)
    trail.record(
        actor=decided_by,
        action=f"review_{status.value}",
        target=review,
        now=now,
        before={"status": Review.Status.OPEN.value},
        after={"status": status.value},
        reason=reason,
    )
    review.refresh_from_db()
    return review
