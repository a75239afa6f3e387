"""A small platform whose books, provider and bank are reconciled through its own doors."""

from datetime import date, timedelta
from decimal import Decimal

from django.utils import timezone

from donations.bank.sandbox import Charge, Incoming
from donations.models import Discrepancy, Funding, ReconciliationRun, Sponsor
from donations.operations import funding
from donations.operations.reconciliation import runs, statements
from donations.payments.contract import BalanceEntry
from goodplay.lib.approvals import operations as approvals
from goodplay.lib.approvals.models import ApprovalRequest
from goodplay.lib.time import rome_day
from tests.bank.orders import BANK, THEIR_IBAN
from tests.factories.donations import NOW
from tests.factories.payouts import colleague, take

EUR = Decimal
MARCH = (date(2026, 3, 1), date(2026, 3, 31))
APRIL_2 = NOW + timedelta(days=29)
Type = ReconciliationRun.Type


def reconcile_march(*, now=APRIL_2, type=Type.MONTHLY):
    return runs.start(type=type, start_date=MARCH[0], end_date=MARCH[1], now=now)


def reconcile_now():
    """Reconcile what just happened, as if it were over."""
    later = timezone.now() + timedelta(days=3)
    day = rome_day(timezone.now())
    return runs.start(type=Type.DAILY, start_date=day - timedelta(days=1), end_date=day, now=later)


def breaks():
    """Return what is open: class, type, severity and difference."""
    rows = Discrepancy.objects.open().order_by("break_class", "difference")
    return [(row.break_class, row.type, row.severity, row.difference) for row in rows]


def fund(amount="500.00", *, reference="FATT-2026-001", day=date(2026, 3, 4), now=NOW):
    sponsor, _made = Sponsor.objects.get_or_create(name="Panificio Rossi", defaults={"created_at": now})
    return funding.record_funding(
        sponsor=sponsor,
        amount=EUR(amount),
        purpose=Funding.Purpose.MATCHING,
        received_on=day,
        bank_reference=reference,
        recorded_by=None,
        now=now,
    )


def incoming(amount="500.00", *, text="FATT-2026-001", name="Panificio Rossi"):
    return Incoming(amount=EUR(amount), name=name, iban=THEIR_IBAN, remittance=text)


def charge(amount="2.50"):
    return Charge(EUR(amount), "Commissioni")


def bank_day(day=date(2026, 3, 4), *, opening="1000.00", number=1, now=NOW, **told):
    """Take the bank's statement of a day."""
    content = BANK.statement(day, now=now, opening=EUR(opening), number=number, **told)
    return take(content, now=now)


def provider_line(entry_id, kind, gross, *, fee="0.00", at=NOW, **names):
    return BalanceEntry(
        entry_id=entry_id,
        kind=kind,
        provider_payment_id=names.pop("payment", ""),
        gross=EUR(gross),
        fee=EUR(fee),
        net=EUR(gross) - EUR(fee),
        created_at=at,
        **names,
    )


def provider_tells(provider, *entries, at=NOW):
    return statements.store_report(
        provider=provider,
        entries=entries,
        since=at - timedelta(days=1),
        until=at + timedelta(days=1),
        now=at,
    )


def approve(approval_id, *, now=APRIL_2):
    request = ApprovalRequest.objects.get(pk=approval_id)
    approvals.approve(request=request, decided_by=colleague("Bruno"), now=now)
