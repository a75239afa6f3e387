"""What stands in the way of closing a month, and what is signed when nothing does."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from django.conf import settings
from django.db.models import Q, QuerySet, Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from donations.models import (
    BankStatement,
    Discrepancy,
    LedgerAccount,
    MonthClose,
    PaymentIntent,
    PaymentProvider,
    ProviderReport,
    QuarantinedFile,
    ReconciliationRun,
    Transfer,
)
from donations.models.ledger import system_account_id
from goodplay.lib.money import ZERO, to_cents
from goodplay.lib.time import day_start, next_month


def is_closed(first: date) -> bool:
    return MonthClose.objects.filter(month=first, reopened_at=None).exists()


def obstacles(first: date) -> list[str]:
    """Say, in sentences, what has to be done before the month can be closed."""
    last = next_month(first) - timedelta(days=1)
    found = [
        _breaks(first, last),
        _reconciled(first, last),
        *_statements(first, last),
        *_reports(first),
        _quarantine(),
    ]
    return [sentence for sentence in found if sentence]


def _breaks(first: date, last: date) -> str:
    count = Discrepancy.objects.open().of_days(first, last).count()
    if not count:
        return ""
    return ngettext(
        "%(count)s break of this month is open.", "%(count)s breaks of this month are open.", count
    ) % {"count": count}


def _reconciled(first: date, last: date) -> str:
    whole = ReconciliationRun.objects.filter(
        start_date__lte=first, end_date__gte=last, status=ReconciliationRun.Status.COMPLETED
    )
    return "" if whole.exists() else _("No reconciliation of the whole month was completed.")


def _quarantine() -> str:
    waiting = QuarantinedFile.objects.filter(state=QuarantinedFile.State.WAITING).count()
    return _("A file of the bank is in quarantine: correct or discard it.") if waiting else ""


def _statements(first: date, last: date) -> list[str]:
    """Statements must cover the month, each opening with what the one before closed with."""
    if not _has_bank_movements(first):
        return []
    rows = list(
        BankStatement.objects.filter(
            account=settings.PAYOUT_ACCOUNT_IBAN, starts_on__lte=last, ends_on__gte=first
        ).order_by("starts_on", "ends_on", "page", "pk")
    )
    before = (
        BankStatement.objects.filter(account=settings.PAYOUT_ACCOUNT_IBAN, ends_on__lt=first)
        .order_by("-ends_on", "-page", "-pk")
        .first()
    )
    after = BankStatement.objects.filter(account=settings.PAYOUT_ACCOUNT_IBAN, starts_on__gt=last)
    next_one = after.order_by("starts_on", "page", "pk").first()
    if not rows:
        return [_("There is no bank statement of this month.")]
    found = []
    chain = [*([before] if before else []), *rows, *([next_one] if next_one else [])]
    for one, other in pairwise(chain):
        if one.is_proven and other.is_proven and one.closing != other.opening:
            words = {"one": one.ends_on, "other": other.starts_on}
            found.append(_("A bank statement is missing between %(one)s and %(other)s.") % words)
    if next_one is None and rows[-1].ends_on < last:
        found.append(_("The bank statements end on %(day)s.") % {"day": rows[-1].ends_on})
    if before is None and rows[0].starts_on > _first_movement(first):
        found.append(_("The bank statements begin on %(day)s.") % {"day": rows[0].starts_on})
    return found


def _has_bank_movements(first: date) -> bool:
    return _bank_rows(first).exists()


def _first_movement(first: date) -> date:
    """Return the day of the month's first movement: earlier days need no statement, when none came before."""
    row = _bank_rows(first).order_by("created_at").first()
    return row.created_at.date() if row else first


def _bank_rows(first: date) -> QuerySet[Transfer]:
    own = system_account_id(LedgerAccount.Kind.BANK)
    rows = Transfer.objects.moving().filter(Q(debit_account=own) | Q(credit_account=own))
    return rows.filter(created_at__gte=day_start(first), created_at__lt=day_start(next_month(first)))


def _reports(first: date) -> list[str]:
    """Each provider that took payments must have told its account of every day of the month."""
    start, end = day_start(first), day_start(next_month(first))
    paid = PaymentIntent.objects.filter(status__in=PaymentIntent.PAID, confirmed_at__gte=start)
    providers = PaymentProvider.objects.filter(pk__in=paid.filter(confirmed_at__lt=end).values("provider"))
    reports: dict[object, list[ProviderReport]] = {}
    for report in ProviderReport.objects.filter(until__gt=start, since__lt=end).order_by("since"):
        reports.setdefault(report.provider_id, []).append(report)
    found = []
    for provider in providers.order_by("name"):
        told_until = start
        for report in reports.get(provider.pk, []):
            if report.since <= told_until:
                told_until = max(told_until, report.until)
        if told_until < end:
            found.append(
                _("The account of %(provider)s is not known for the whole month.") % {"provider": provider}
            )
    return found


# What is signed ----------------------------------------------------------------------------------------------------


def balances_at(day: date) -> dict[str, str]:
    """Return what each kind of account held at the start of a day, credits positive. Text, as it is signed."""
    before = Transfer.objects.moving().filter(created_at__lt=day_start(day))
    totals: dict[str, Decimal] = dict.fromkeys(LedgerAccount.Kind.values, ZERO)
    for side, sign in (("credit_account__kind", 1), ("debit_account__kind", -1)):
        for kind, amount in before.order_by().values_list(side).annotate(total=Sum("amount")):
            totals[kind] += sign * amount
    return {kind: str(to_cents(amount)) for kind, amount in sorted(totals.items())}


def statement_balance(last: date) -> Decimal | None:
    """Return the balance at the bank at the end of a day, by the latest statement that ends by then."""
    rows = BankStatement.objects.filter(
        account=settings.PAYOUT_ACCOUNT_IBAN, ends_on__lte=last, is_proven=True
    )
    latest = rows.order_by("-ends_on", "-page", "-pk").first()
    return latest.closing if latest else None
