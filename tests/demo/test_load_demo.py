from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import ApplicationMessage, Onlus, OnlusApplication, OnlusDocument, User
from donations.models import (
    BatchOperation,
    Campaign,
    Case,
    Discrepancy,
    Donation,
    DonationMatch,
    LedgerSeal,
    PaymentDispute,
    PaymentIntent,
    Payout,
    Receipt,
    RecurringCharge,
    Review,
    ScreeningHit,
    WebhookEvent,
)
from donations.payments.sandbox.models import SandboxEvent, SandboxPayment
from donations.queries.books import contradictions
from goodplay.demo import people
from goodplay.lib.alerts.models import Alert
from goodplay.lib.approvals.models import ApprovalRequest
from goodplay.lib.events.models import Delivery
from impact.models import CommunityReport, ImpactMetric, ImpactUpdate, StoryUnlock
from social.models import ImpactScore

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def load(settings, *arguments):
    out, settings.DEBUG = StringIO(), True
    call_command("load_demo", *arguments, stdout=out)
    return out.getvalue()


def states(model):
    return set(model.objects.values_list("status", flat=True))


def test_the_demo_balances_and_is_loaded_once(settings):
    said = load(settings, "--weeks", "9")

    assert "the books balance" in said
    assert contradictions() == []
    emails = [email for _who, email, _word in people.DEMO_SIGN_INS]
    assert User.objects.filter(email__in=emails).count() == len(people.DEMO_SIGN_INS)
    assert Onlus.objects.accepting_donations().count() >= 8
    assert LedgerSeal.objects.exists()
    for model in (StoryUnlock, ImpactScore, ImpactMetric, ImpactUpdate, CommunityReport, Campaign):
        assert model.objects.exists()
    check_the_money()
    check_the_watch()
    check_the_applications()
    assert not Delivery.objects.exclude(status=Delivery.Status.DONE).exists()
    donations = Donation.objects.count()

    assert load(settings) == "The demo data is there.\n"
    assert Donation.objects.count() == donations


def check_the_money():
    """Every page about money has something to show, and the sandbox dates it as GoodPlay does."""
    assert states(PaymentIntent) == {"succeeded", "cancelled", "refunded", "partially_refunded"}
    assert states(Donation) == {"completed", "refunded", "pending"}
    assert Receipt.objects.live().count() == Donation.objects.filter(status="completed").count() > 0
    assert Receipt.objects.filter(kind=Receipt.Kind.VOID).exists()
    assert states(PaymentDispute) == {"won"}
    assert states(Payout) == {"settled", "draft"}
    assert states(Review) == {"open", "released"}
    assert states(RecurringCharge) == {"succeeded"}
    assert states(BatchOperation) == {"completed", "queued"}
    assert DonationMatch.objects.exists()
    waiting = ApprovalRequest.objects.filter(state=ApprovalRequest.State.PENDING)
    assert set(waiting.values_list("kind", flat=True)) == {"payout_run", "batch_run"}
    assert SandboxEvent.objects.filter(delivered_at=None).count() == 0
    assert WebhookEvent.objects.filter(processed_at=None).count() == 0
    latest = SandboxPayment.objects.latest("created_at")
    assert latest.created_at == PaymentIntent.objects.latest("created_at").created_at


def check_the_watch():
    """Whoever watches has something to do: a break, a name on a list, two cases, and the alerts of them."""
    [found] = Discrepancy.objects.all()
    assert (found.status, found.break_class, found.difference) == ("open", "fee", Decimal("-2.50"))
    assert states(ScreeningHit) == {"open"}
    assert set(Case.objects.values_list("kind", "status")) == {("pep", "open"), ("aml", "in_progress")}
    assert Alert.objects.filter(status="open", area__in=("compliance", "financial")).count() == 2


def check_the_applications():
    """Whoever reviews has one to go on with and one that waits for an answer; the third is still a draft."""
    assert sorted(OnlusApplication.objects.values_list("status", flat=True)) == [
        "documentation_pending",
        "draft",
        "under_review",
    ]
    question = ApplicationMessage.objects.get(kind="information")
    assert (question.answered_at, question.application.applicant.email) == (None, people.APPLICANT)
    assert set(OnlusDocument.objects.values_list("status", flat=True)) == {
        "approved",
        "pending",
        "resubmission_required",
        "under_review",
    }


def test_the_demo_stays_out_of_production(settings):
    settings.DEBUG = False

    with pytest.raises(CommandError, match="DEBUG=true only"):
        call_command("load_demo")

    assert not User.objects.exists()


def test_a_demo_that_was_cut_off_says_what_to_do(settings):
    User.objects.create_user(people.STAFF[0].email, people.PASSWORD)

    with pytest.raises(CommandError, match="Delete the database"):
        load(settings)

    assert User.objects.count() == 1
