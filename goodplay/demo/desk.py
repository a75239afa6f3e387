"""What staff do: sponsors and campaigns, reviews, payouts at the month's end, batches. Each step by the right people."""

from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial

from donations.models import (
    BatchOperation,
    Campaign,
    Funding,
    GivingPool,
    MatchingOffer,
    Review,
    RiskRule,
    RiskSubject,
    Sponsor,
)
from donations.operations import (
    batch_intake,
    batches,
    campaigns,
    funding,
    reviews,
)
from donations.operations.batch_lines import LineDraft
from donations.operations.batch_processing import work
from donations.queries import risk_rules
from goodplay.demo import payouts, people
from goodplay.demo.history import History, Scene
from goodplay.demo.payments import EMMA, GIULIA, KITCHEN, LUCA, MATTEO, MUSIC, SCHOOL, SEA, WOODS
from goodplay.lib.approvals import operations as approvals
from goodplay.lib.approvals.models import ApprovalRequest
from goodplay.lib.time import day_start, rome_day

FRANCA, FABIO = 1, 2  # of people.STAFF: who asks, and the second person

CAMPAIGNS = (
    (WOODS, "Mille larici sopra Tesero", "A thousand larches where Vaia passed.", "400.00"),
    (KITCHEN, "Una cucina nuova", "The oven of via Nizza has served twenty years.", "250.00"),
    (8, "Un pozzo per gli orti", "Water for three gardens in via Padova.", "180.00"),
)
POOL = (("Vicini di casa", "Help around the corner.", ((KITCHEN, 2), (SCHOOL, 1), (5, 1))),)
THRESHOLDS = (
    (RiskSubject.DONATION, "150.00"),
    (RiskSubject.TOP_UP, "1000.00"),
    (RiskSubject.PAYOUT, "5000.00"),
)


def furnish(history: History) -> None:
    """Set up what staff set up once: thresholds, campaigns, a pool to give to, a sponsor who matches."""
    for subject, amount in THRESHOLDS:
        RiskRule.objects.create(
            subject=subject,
            code="review_amount",
            name="Held from this amount on",
            conditions={"fact": "amount", "operator": "gte", "threshold": amount},
            action=RiskRule.Action.REVIEW,
            score=50,
            status=RiskRule.Status.ACTIVE,
            created_at=history.start,
            published_at=history.start,
        )
    risk_rules.forget()
    for place, title, description, goal in CAMPAIGNS:
        Campaign.objects.create(
            onlus=history.organisations[place],
            title=title,
            description=description,
            goal=Decimal(goal),
            starts_at=day_start(rome_day(history.ago(60))),
            ends_at=day_start(rome_day(history.ago(-30))),
            created_at=history.start,
        )
    for name, description, members in POOL:
        pool = GivingPool.objects.create(name=name, description=description, created_at=history.start)
        for place, weight in members:
            pool.members.create(onlus=history.organisations[place], weight=weight)
    _promise_match(history)


def scenes(history: History) -> list[Scene]:
    told: list[Scene] = [
        (history.ago(34, 8), lambda moment: payouts.pay(now=moment)),
        (history.ago(7, 9), partial(_run_batch, history)),
        (history.ago(3, 17), partial(_decide_a_review, history)),
        (history.ago(2, 6), lambda moment: payouts.prepare(now=moment)),
        (history.ago(1, 9), lambda moment: payouts.ask_for_release(now=moment)),
        (history.ago(1, 11), partial(_hand_in_batch, history)),
    ]
    return [scene for scene in told if history.start < scene[0] < history.now]


def _promise_match(history: History) -> None:
    """A bank adds a euro to each, up to 10 EUR a gift and 300 EUR in all; asked for by one, booked by another."""
    sponsor = Sponsor.objects.create(name=people.MATCHING_SPONSOR, created_at=history.start)
    asked = funding.request_funding(
        sponsor=sponsor,
        amount=Decimal("500.00"),
        purpose=Funding.Purpose.MATCHING,
        received_on=rome_day(history.start),
        bank_reference="PARCO 2026",
        reason="Statement of the day",
        requested_by=history.staff(FRANCA),
        now=history.start,
    )
    _approve(history, asked, history.start + timedelta(hours=1))
    offer = MatchingOffer(
        sponsor=sponsor,
        name="Banca del Parco adds the same again",
        ratio=Decimal("1.00"),
        cap=Decimal("300.00"),
        cap_per_donation=Decimal("10.00"),
        starts_at=day_start(rome_day(history.ago(60))),
        created_at=history.start,
    )
    campaigns.promise_match(offer=offer)


def _approve(history: History, asked: ApprovalRequest, moment: datetime) -> None:
    approvals.approve(request=asked, decided_by=history.staff(FABIO), now=moment)


def _decide_a_review(history: History, moment: datetime) -> None:
    """Let the oldest waiting gift pass; the others stay on the queue."""
    review = Review.objects.open().order_by("created_at", "pk").first()
    if review is not None:
        reviews.release(
            review=review, decided_by=history.staff(FRANCA), reason="Called him: it is his gift", now=moment
        )


# Batches ----------------------------------------------------------------------------------------------------------


def _batch(history: History, moment: datetime, *gifts: tuple[people.Player, int, str]) -> ApprovalRequest:
    franca = history.staff(FRANCA)
    batch = batch_intake.create_batch(
        operation_type=BatchOperation.Type.DONATIONS,
        lines=[
            LineDraft(
                number=number,
                player_id=history.players[player.email].pk,
                onlus_id=history.organisations[place].pk,
                amount=Decimal(amount),
                message="Giornata del dono",
            )
            for number, (player, place, amount) in enumerate(gifts, 1)
        ],
        created_by=franca,
        now=moment,
    )
    return batches.request_release(
        batch=batch, requested_by=franca, reason="Given at the stand in the square", now=moment
    )


def _run_batch(history: History, moment: datetime) -> None:
    asked = _batch(history, moment, (GIULIA, MUSIC, "4.00"), (EMMA, WOODS, "6.00"), (LUCA, SEA, "3.50"))
    later = moment + timedelta(hours=2)
    _approve(history, asked, later)
    batch = BatchOperation.objects.get(pk=asked.target_id)
    batches.start(batch=batch, actor=history.staff(FRANCA), now=later)
    history.settle(later)
    work(clock=lambda: later)


def _hand_in_batch(history: History, moment: datetime) -> None:
    _batch(history, moment, (GIULIA, KITCHEN, "2.00"), (EMMA, MUSIC, "5.00"), (MATTEO, SEA, "6.00"))
