"""Reconciliations through the real door: what our own operations booked, beside what provider and bank tell."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from donations.models import (
    Discrepancy,
    ExternalLine,
    MatchLine,
    PaymentIntent,
    ReconciliationMatch,
    ReconciliationRun,
    Transfer,
)
from donations.operations import payment_exchange, payment_refunds
from donations.operations.reconciliation import resolving, runs
from donations.payments.sandbox.models import SandboxPayment
from goodplay.lib.alerts.models import Alert
from tests.factories.accounts import UserFactory
from tests.factories.donations import NOW
from tests.factories.payouts import (
    answer,
    colleague,
    exported,
    payable_onlus,
    prepare,
    returned_line,
    statement,
    take,
)
from tests.payments.benches import stripe_bench
from tests.payments.intents import account_at, balance
from tests.payments.stripe_server import StripeServer
from tests.reconciling.house import (
    APRIL_2,
    EUR,
    MARCH,
    approve,
    bank_day,
    breaks,
    charge,
    fund,
    incoming,
    provider_line,
    provider_tells,
    reconcile_march,
    reconcile_now,
)

pytestmark = pytest.mark.django_db
Status = Discrepancy.Status


def events(row):
    return [
        (each.from_status, each.to_status, each.run_id is not None)
        for each in row.events.order_by("happened_at", "pk")
    ]


# The provider ------------------------------------------------------------------------------------------------------


def test_payments_refunds_and_disputes_are_what_the_provider_tells(desk):
    alice = UserFactory()
    _first, second, third = (desk.pay(alice, amount) for amount in ("50.00", "20.00", "20.00"))
    payment_refunds.refund_own(
        player=alice, intent_id=second.pk, amount=EUR("5.00"), reason="", now=timezone.now()
    )
    desk.bench.server.open_dispute(third.provider_payment_id)
    payment_exchange.ask(intent=PaymentIntent.objects.get(pk=third.pk), source="job", now=timezone.now())

    run = reconcile_now()

    assert breaks() == []
    assert (run.status, run.internal_count, run.external_count, run.matched_count) == ("completed", 5, 5, 5)
    assert set(ReconciliationMatch.objects.values_list("rule", "confidence")) <= {
        ("reference", EUR("1.00")),
        ("related", EUR("1.00")),
    }
    assert run.summary["status"] == "healthy"
    assert run.summary["amounts"]["amount_variance"] == "0.00"


def test_a_payment_nobody_heard_of_is_a_break_until_it_is_booked(desk):
    intent = desk.pay_unseen(UserFactory(), "50.00")

    reconcile_now()

    assert breaks() == [("status", "status_mismatch", "high", EUR("-1.75"))]
    row = Discrepancy.objects.get()
    assert (row.theirs[0]["names"].split(", ")[0], row.ours[0]["state"]) == (
        intent.provider_payment_id,
        intent.status,
    )

    payment_exchange.ask(intent=intent, source="job", now=timezone.now())
    reconcile_now()

    row.refresh_from_db()
    assert breaks() == []
    assert (row.status, row.resolved_by) == (Status.CLEARED, None)
    assert events(row) == [("", "open", True), ("open", "cleared", True)]


def test_a_fee_the_books_do_not_know_is_named(desk):
    intent = desk.pay(UserFactory(), "50.00")
    SandboxPayment.objects.filter(pk=intent.provider_payment_id).update(fee=EUR("3.00"))

    reconcile_now()

    assert breaks() == [("fee", "amount_mismatch", "high", EUR("-1.25"))]


def test_the_same_period_again_is_the_same_run_and_finds_the_same(desk):
    desk.pay(UserFactory(), "50.00")
    desk.pay_unseen(UserFactory(), "20.00")
    first = reconcile_now()
    kept = [sorted(model.objects.values_list("pk", flat=True)) for model in (ExternalLine, Discrepancy)]
    lines = sorted(MatchLine.objects.values_list("side", "key"))

    again = reconcile_now()

    assert (again.pk, again.times_run, again.reconciliation_id) == (first.pk, 2, first.reconciliation_id)
    assert [sorted(m.objects.values_list("pk", flat=True)) for m in (ExternalLine, Discrepancy)] == kept
    assert sorted(MatchLine.objects.values_list("side", "key")) == lines
    timing = {"processing_time_seconds": None}
    assert again.summary | timing == first.summary | timing


def test_a_provider_that_does_not_answer_leaves_the_run_partial(db):
    server = StripeServer()
    server.start()
    provider = account_at(stripe_bench(server))
    server.stop()

    run = reconcile_now()

    assert (run.status, run.summary["providers_without_answer"]) == ("partial", [provider.name])
    assert Alert.objects.get().alert_type == "provider_report_missing"


def test_money_kept_aside_is_a_break(desk):
    intent = desk.pay_unseen(UserFactory(), "50.00")
    PaymentIntent.objects.filter(pk=intent.pk).update(amount=EUR("60.00"), net_amount=EUR("58.25"))
    payment_exchange.ask(intent=PaymentIntent.objects.get(pk=intent.pk), source="job", now=timezone.now())

    reconcile_now()

    assert [each for each in breaks() if each[0] == "extra"] == [
        ("extra", "orphaned_payment", "medium", EUR("50.00"))
    ]
    row = Discrepancy.objects.get(account="suspense")
    with pytest.raises(resolving.NothingToAdjust):
        resolving.resolve(
            discrepancy=row,
            resolution_type="manual_adjustment",
            notes="Book it",
            actor=colleague("Anna"),
            now=timezone.now(),
        )


# The bank ----------------------------------------------------------------------------------------------------------


def test_a_clean_month_at_the_bank_has_no_break():
    fund()
    payable_onlus("50.00")
    run = exported(prepare())
    bank_day(incoming=[incoming()])
    take(statement(run, number=2, opening=EUR("1500.00")))

    done = reconcile_march()

    assert breaks() == []
    assert (done.status, done.internal_count, done.external_count, done.matched_count) == (
        "completed",
        2,
        2,
        2,
    )


def test_a_payout_that_comes_back_is_two_lines_that_match():
    payable_onlus("50.00")
    run = exported(prepare())
    take(statement(run, returned=[returned_line(run)]))

    done = reconcile_march()

    assert (breaks(), done.matched_count) == ([], 2)


def test_a_payout_the_bank_never_charges_is_missed_after_a_week():
    payable_onlus("50.00")
    run = exported(prepare())

    reconcile_march(now=NOW + timedelta(days=28))

    assert breaks() == [("missing", "missing_transaction", "high", EUR("50.00"))]
    assert Alert.objects.get().severity == "high"
    take(statement(run))
    reconcile_march()
    assert breaks() == []
    assert Alert.objects.get().status == "resolved"


def test_a_payout_charged_though_it_was_refused_is_a_contradiction():
    payable_onlus("50.00")
    run = exported(prepare())
    take(answer(run, refuse={run.payouts.get().end_to_end_id: "AC04"}))
    take(statement(run))

    reconcile_march()

    assert breaks() == [("status", "status_mismatch", "high", EUR("0.00"))]


def test_a_wrong_amount_on_a_payout_is_found_by_its_reference():
    payable_onlus("50.00")
    run = exported(prepare())
    payable_onlus("70.00")
    take(statement(run, paid=[], incoming=[], charges=[]))
    reference = run.payouts.get().end_to_end_id
    bank_day(number=2, incoming=[incoming("12.00", text=f"Storno {reference}", name="Banca")])

    reconcile_march()

    assert ("extra", "orphaned_payment", "medium", EUR("12.00")) in breaks()


def test_bank_charges_are_booked_with_a_second_person():
    bank_day(charges=[charge("2.50")])
    reconcile_march()
    assert breaks() == [("fee", "amount_mismatch", "high", EUR("-2.50"))]
    fund()
    row = Discrepancy.objects.get()

    resolving.resolve(
        discrepancy=row,
        resolution_type="manual_adjustment",
        notes="The price of the account",
        actor=colleague("Anna"),
        now=APRIL_2,
    )
    row.refresh_from_db()
    assert (row.status, balance("bank")) == (Status.AWAITING_APPROVAL, EUR("-500.00"))
    approve(row.approval_id)

    row.refresh_from_db()
    assert (row.status, row.resolution_type, row.resolved_by) == (
        Status.RESOLVED,
        "manual_adjustment",
        colleague("Bruno"),
    )
    assert balance("bank") == EUR("-497.50")
    assert [to for _from, to, _run in events(row)] == ["open", "awaiting_approval", "resolved"]
    reconcile_march()
    assert [each[0] for each in breaks()] == ["missing"]  # the sponsor's money is on no statement yet


def test_a_late_statement_clears_what_was_missing():
    fund()
    reconcile_march()
    assert breaks() == [("missing", "missing_transaction", "high", EUR("-500.00"))]

    bank_day(incoming=[incoming()], now=APRIL_2)
    reconcile_march()

    row = Discrepancy.objects.get()
    assert (row.status, events(row)[-1]) == (Status.CLEARED, ("open", "cleared", True))


def test_the_daily_job_looks_again_at_days_with_open_breaks():
    fund()
    runs.reconcile_due(now=NOW + timedelta(days=1))
    assert [each[0] for each in breaks()] == ["missing"]

    bank_day(date(2026, 3, 5), incoming=[incoming()], now=NOW + timedelta(days=2))
    runs.reconcile_due(now=NOW + timedelta(days=3))

    assert breaks() == []
    assert ReconciliationRun.objects.count() == 2


def test_many_breaks_cost_no_more_queries_than_one():
    found, cleared = [], []
    for number, count in ((1, 1), (2, 5)):
        references = [f"FATT-{number}-{place}" for place in range(count)]
        for reference in references:
            fund(reference=reference)
        with CaptureQueriesContext(connection) as finding:
            reconcile_march()
        assert len(breaks()) == count
        bank_day(number=number, incoming=[incoming(text=reference) for reference in references])
        with CaptureQueriesContext(connection) as clearing:
            reconcile_march()
        assert breaks() == []
        found.append(len(finding))
        cleared.append(len(clearing))

    assert found[1] <= found[0] + 1
    assert cleared[1] <= cleared[0] + 1


# From the provider to the bank -------------------------------------------------------------------------------------


def test_a_payout_of_a_provider_is_booked_once_the_bank_has_it(desk):
    provider_tells(
        desk.provider,
        provider_line("txn_1", "payout", "-97.10", source_id="po_1QwErTy77"),
        provider_line("txn_2", "payout", "-40.00", source_id="po_1QwErTy78"),
    )
    bank_day(date(2026, 3, 6), incoming=[incoming("97.10", text="STRIPE PO_1QWERTY77", name="Stripe")])

    reconcile_march()

    moved = Transfer.objects.get(kind=Transfer.Kind.SETTLEMENT)
    assert (moved.amount, balance("bank"), balance("provider_clearing")) == (
        EUR("97.10"),
        EUR("-97.10"),
        EUR("97.10"),
    )
    assert breaks() == [("extra", "orphaned_payment", "medium", EUR("-40.00"))]
    reconcile_march()
    assert Transfer.objects.filter(kind=Transfer.Kind.SETTLEMENT).count() == 1


def test_a_provider_payout_is_not_believed_by_its_amount_alone(desk):
    provider_tells(desk.provider, provider_line("txn_1", "payout", "-97.10", source_id="po_1QwErTy77"))
    bank_day(date(2026, 3, 6), incoming=[incoming("97.10", text="Grazie", name="Panificio Rossi")])

    reconcile_march()

    assert not Transfer.objects.filter(kind=Transfer.Kind.SETTLEMENT).exists()
    assert breaks() == [
        ("extra", "orphaned_payment", "medium", EUR("-97.10")),
        ("extra", "orphaned_payment", "medium", EUR("97.10")),
    ]


# Refusals ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "last", "refusal"),
    [
        (MARCH[1], MARCH[0], runs.InvalidDateRange),
        (date(2024, 3, 1), MARCH[1], runs.InvalidDateRange),
        (date(2019, 12, 31), date(2020, 1, 31), runs.InvalidDateRange),
        (date.min, date(1, 1, 31), runs.InvalidDateRange),
        (date(9999, 12, 1), date.max, runs.InvalidDateRange),
        (MARCH[0], date(2026, 4, 2), runs.FutureDate),
    ],
)
def test_a_period_that_makes_no_sense_is_refused(first, last, refusal):
    with pytest.raises(refusal):
        runs.start(type=runs.Type.MONTHLY, start_date=first, end_date=last, now=APRIL_2)

    assert not ReconciliationRun.objects.exists()


def test_the_number_says_the_type():
    assert reconcile_march().reconciliation_id.startswith("REC-MON-20260402")
    assert Decimal(reconcile_march().summary["rates"]["match_rate"]) == Decimal("0.00")
