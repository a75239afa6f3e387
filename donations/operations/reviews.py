"""The check point: movements the rules want seen wait as holds until somebody decides.

The rules decide what waits (donations.operations.risk). It fails closed: a movement that must wait has moved nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from donations.models import Review, RiskSubject, ScreenedSubject
from donations.operations.risk.judging import Judgement, Movement, keep
from donations.queries.risk_facts import sanctions
from donations.rules.facts import FACTS
from donations.signals import review_decided, review_opened
from goodplay.lib.audit import trail
from goodplay.lib.db import claim
from goodplay.lib.errors import AccessDenied, Conflict

Subject = RiskSubject
State = ScreenedSubject.State


class ReviewAlreadyDecided(Conflict):
    code = "REVIEW_ALREADY_DECIDED"
    message = _("Somebody decided this review already.")


class StandsOnAList(Conflict):
    """The name behind the movement was found on a list: `data` says whether that is open or confirmed."""

    code = "REVIEW_SANCTIONS_HIT"
    message = _("The name was found on a list. Decide on the hit first; what is confirmed never moves.")


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
    subject: RiskSubject,
    *,
    release: Callable[[UUID, datetime], object],
    reject: Callable[[UUID, datetime], object],
) -> None:
    """Say what happens to movements of this kind once they are decided."""
    _outcomes[subject.value] = Outcome(release, reject)


def open_review(*, judgement: Judgement, now: datetime) -> Review:
    """Put a movement the rules hold before a person, with the decision that holds it."""
    movement = judgement.movement
    review = Review.objects.create(
        subject=movement.subject,
        subject_id=movement.subject_id,
        player_id=movement.player_id,
        amount=movement.amount,
        reasons=judgement.codes,
        risk_level=judgement.decision.level,
        decision=keep(judgement),
        created_at=now,
    )
    review_opened.announce(review=review)
    return review


@transaction.atomic
def release(*, review: Review, decided_by: User | None, reason: str, now: datetime) -> Review:
    """Let the movement happen; nobody decides when what held it is over by itself.

    Raises ReviewAlreadyDecided, OwnMovement, StandsOnAList, and whatever refuses the movement itself.
    """
    _refuse_listed(review, now)
    return _decide(review, Review.Status.RELEASED, decided_by, reason, now)


@transaction.atomic
def reject(*, review: Review, decided_by: User, reason: str, now: datetime) -> Review:
    """Give the held money back where it came from."""
    return _decide(review, Review.Status.REJECTED, decided_by, reason, now)


def withdraw(*, subject: RiskSubject, subject_id: UUID, now: datetime) -> bool:
    """Close the open review of a movement that ended by itself, and say whether there was one."""
    own = Review.objects.open().filter(subject=subject, subject_id=subject_id)
    return claim(own, status=Review.Status.WITHDRAWN, decided_at=now)


@transaction.atomic
def renew(*, review: Review, judgement: Judgement, now: datetime) -> None:
    """Write down what holds a movement now that more is known. The caller holds the open review's row."""
    before = review.reasons
    review.reasons, review.risk_level = judgement.codes, judgement.decision.level
    review.decision = keep(judgement)
    review.save(update_fields=["reasons", "risk_level", "decision"])
    trail.record(
        actor=None,
        action="review_reasons_change",
        target=review,
        before={"reasons": before},
        after={"reasons": review.reasons},
        now=now,
    )


def _refuse_listed(review: Review, now: datetime) -> None:
    """Refuse whose name is on a list, whatever else was held against the movement."""
    if review.subject not in FACTS["sanctions_state"].subjects:
        return
    movement = Movement(review.subject, review.subject_id, review.player_id, review.amount)
    state = sanctions.facts(review.player_id, movement, now)["sanctions_state"]
    if state in (State.OPEN, State.CONFIRMED):
        raise StandsOnAList(data={"state": state})


def _decide(
    review: Review, status: Review.Status, decided_by: User | None, reason: str, now: datetime
) -> Review:
    if decided_by is not None and review.player_id == decided_by.pk:
        raise OwnMovement
    decision = {"status": status, "decided_by": decided_by, "decision_reason": reason, "decided_at": now}
    if not claim(Review.objects.open().filter(pk=review.pk), **decision):
        raise ReviewAlreadyDecided
    outcome = _outcomes[review.subject]
    (outcome.release if status == Review.Status.RELEASED else outcome.reject)(review.subject_id, now)
    review_decided.announce(review=review, status=status.value)
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
