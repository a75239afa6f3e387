"""Movements that wait for the lists: let go once every name is clear, or told what was found."""

from datetime import datetime
from uuid import UUID

import structlog
from django.db import transaction
from django.utils.translation import gettext

from donations.models import Review, ScreenedSubject
from donations.operations import reviews
from donations.operations.risk.judging import Movement, judge_anew
from donations.queries.risk_facts import sanctions
from donations.queries.screening import open_reviews_of
from donations.rules.engine import Action
from donations.signals import review_unblocked
from goodplay.lib.errors import DomainError

FACT = "sanctions_state"
WAITING = ScreenedSubject.State.WAITING.value

logger = structlog.get_logger("goodplay.screening")


@transaction.atomic
def settle_reviews(*, screened_id: UUID) -> None:
    """Have each movement that waits for this name looked at again.

    Each in its own transaction: two in one would lock the accounts of the first before the donation of the second.
    """
    subject = ScreenedSubject.objects.get(pk=screened_id)
    for review in open_reviews_of(subject).select_related("decision").order_by("created_at", "id"):
        if _waits(review):
            review_unblocked.announce(review=review)


@transaction.atomic
def look_again(*, review_id: UUID, now: datetime) -> bool:
    """Let a movement go by itself when nothing but an unscreened name held it; say whether it went.

    The rules of that day decide, over its facts, with what the lists say by now. Where they still hold it, the review
    tells what does. It is called when a review opens and when a name was screened: whichever commits last sees both.
    Holds the review's row, so a person who decides at this moment is either first or too late.
    """
    rows = Review.objects.open().select_related("decision").select_for_update(of=("self",))
    review = rows.filter(pk=review_id).first()
    if review is None or review.decision is None or not _waits(review):
        return False
    movement = Movement(review.subject, review.subject_id, review.player_id, review.amount)
    said = sanctions.facts(review.player_id, movement, now)
    if said[FACT] == WAITING:
        return False
    judgement = judge_anew(review.decision, known=said, now=now)
    if judgement.decision.action == Action.ALLOW:
        return _let_go(review, now)
    reviews.renew(review=review, judgement=judgement, now=now)
    return False


def _waits(review: Review) -> bool:
    return review.decision is not None and review.decision.facts.get(FACT) == WAITING


def _let_go(review: Review, now: datetime) -> bool:
    reason = gettext("Screening ended: the name is on no list.")
    try:
        reviews.release(review=review, decided_by=None, reason=reason, now=now)
    except DomainError as error:
        # The movement itself cannot happen now, so a person finds it in the queue.
        logger.warning("left to a person", review_id=str(review.pk), code=error.code)
        return False
    return True
