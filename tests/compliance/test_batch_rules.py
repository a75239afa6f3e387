"""Batches before the risk rules: asked about when somebody wants them released."""

from datetime import UTC, datetime

import pytest

from donations.models import BatchOperation, Review, RiskDecision
from donations.operations import batches, reviews
from donations.operations.risk import backtesting, rules
from goodplay.lib.approvals import operations as approvals
from goodplay.lib.approvals.models import ApprovalRequest
from goodplay.lib.audit.models import AuditEntry
from tests.factories.accounts import OnlusFactory, StaffFactory, UserFactory
from tests.factories.batches import gifts, make_batch, released, rich_players
from tests.factories.donations import NOW, give_credits
from tests.factories.risk import make_rule

pytestmark = pytest.mark.django_db
NIGHT = datetime(2026, 3, 4, 1, 30, tzinfo=UTC)


def alike(count=6):
    """Hand in gifts of one amount, all by one player."""
    player = UserFactory()
    give_credits(player, "100.00")
    return make_batch(gifts([player] * count, OnlusFactory()))


def ask(batch, now=NOW):
    return batches.request_release(
        batch=batch, requested_by=batch.created_by, reason="The gifts of the fair.", now=now
    )


def test_an_ordinary_batch_passes_without_a_word():
    released(make_batch())

    assert not RiskDecision.objects.exists()
    assert BatchOperation.objects.get().is_released


def test_many_lines_of_one_amount_pass_with_a_remark():
    batch = make_batch(gifts(rich_players(6), OnlusFactory()))

    released(batch)

    decision = RiskDecision.objects.get()
    assert (decision.subject, decision.action, decision.score) == ("batch", "allow", 35)
    assert [reason["rule"] for reason in decision.reasons] == ["identical_amounts"]
    assert decision.facts["identical_amounts"] == 6


def test_five_of_one_amount_are_no_pattern_and_the_setting_says_how_many_are():
    released(alike(5))

    assert not RiskDecision.objects.exists()


def test_a_suspicious_batch_waits_for_a_review_before_anybody_can_release_it():
    batch = alike()
    request = ask(batch)
    review = Review.objects.get()

    with pytest.raises(batches.BatchUnderReview):
        approvals.approve(request=request, decided_by=StaffFactory(), now=NOW)
    batch.refresh_from_db()
    between = batch.is_released
    with pytest.raises(reviews.OwnMovement):
        reviews.release(review=review, decided_by=batch.created_by, reason="Mine", now=NOW)
    reviews.release(review=review, decided_by=StaffFactory(), reason="The fair's gifts", now=NOW)
    approvals.approve(request=request, decided_by=StaffFactory(), now=NOW)

    batch.refresh_from_db()
    assert (review.reasons, review.risk_level) == (["identical_amounts", "one_player"], "critical")
    assert (between, batch.is_released) == (False, True)


def test_a_batch_the_review_refuses_is_cancelled():
    batch = alike()
    ask(batch)

    reviews.reject(review=Review.objects.get(), decided_by=StaffFactory(), reason="Not plausible", now=NOW)

    batch.refresh_from_db()
    assert (batch.status, batch.cancel_reason) == ("cancelled", "REJECTED_BY_REVIEW")
    assert AuditEntry.objects.get(action="batch_cancel").actor is None
    with pytest.raises(batches.BatchAlreadyCompleted):
        ask(batch)


def test_a_review_ends_with_its_batch():
    batch = alike()
    ask(batch)

    batches.cancel(batch=batch, actor=batch.created_by, reason="A mistake", now=NOW)

    assert Review.objects.get().status == "withdrawn"


def test_a_rule_may_refuse_a_batch_and_what_was_decided_is_kept(client):
    conditions = {"fact": "line_count", "operator": "gte", "threshold": "3"}
    make_rule("batch", "too_many", conditions=conditions, action="block", score=100)
    batch = make_batch()

    with pytest.raises(batches.BatchFraudDetected) as refused:
        ask(batch)
    refused.value.settle()

    batch.refresh_from_db()
    assert refused.value.code == "BATCH_FRAUD_DETECTION_TRIGGERED"
    assert (batch.status, batch.is_released, ApprovalRequest.objects.count()) == ("queued", False, 0)
    assert (RiskDecision.objects.get().action, Review.objects.count()) == ("block", 0)


def test_the_night_counts_beside_another_sign_only():
    released(make_batch(), now=NIGHT)
    alone = RiskDecision.objects.count()

    ask(make_batch(gifts(rich_players(6), OnlusFactory())), now=NIGHT)

    assert alone == 0
    assert Review.objects.get().reasons == ["identical_amounts", "off_hours"]


def test_rules_about_batches_can_be_tested_on_the_past_and_may_block():
    alike()
    make_batch()
    rule = rules.write_rule(
        subject="batch",
        code="crowded",
        name="More than five lines",
        conditions={"fact": "line_count", "operator": "gt", "threshold": "5"},
        action="block",
        score=100,
        author=StaffFactory(),
        now=NOW,
    )

    test = backtesting.run_backtest(rule=rule, now=datetime(2030, 1, 1, tzinfo=UTC), days=3650)

    assert (test.looked_at, test.hit_count) == (2, 1)
