"""What a provider pays out to the bank: booked once both of them tell of it."""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef

from donations.models import ExternalLine, LedgerAccount, MatchLine, ReconciliationRun, Transfer
from donations.models.reconciliation import Account
from donations.operations import ledger
from donations.operations.reconciliation import statements
from donations.operations.reconciliation.matches import store_matches
from donations.reconciling.lines import BANK, Line, Match, Rule
from donations.reconciling.matching import reconcile
from goodplay.lib.money import ZERO
from goodplay.lib.time import day_start, rome_day

ARRIVES_WITHIN = timedelta(days=14)

Kind = LedgerAccount.Kind


def settle_provider_payouts(*, run: ReconciliationRun, now: datetime) -> int:
    """Book the payouts of providers that arrived at the bank; return how many.

    One is booked when provider and bank tell the same amount, and the bank names the payout or the provider. Until
    then the money is with the provider. The row of the provider is the cause, so it is booked once.
    """
    payouts = {line.key: line for line in _waiting(run)}
    arrived = {line.key: line for line in _arrived(list(payouts.values()))}
    outcome = reconcile(
        [_expected(line) for line in payouts.values()],
        [statements.line_of(line) for line in arrived.values()],
        tolerance=BANK,
    )
    broken = {line.key for each in outcome.breaks for line in each.ours}
    sure = [
        match
        for match in outcome.matches
        if len(match.ours) == len(match.theirs) == 1
        and match.ours[0].key not in broken
        and _is_named(match, payouts[match.ours[0].key], arrived[match.theirs[0].key])
    ]
    for match in sure:
        _book(payouts[match.ours[0].key], arrived[match.theirs[0].key], match, run, now)
    return len(sure)


def _waiting(run: ReconciliationRun) -> list[ExternalLine]:
    booked = Transfer.objects.filter(kind=Transfer.Kind.SETTLEMENT, cause_id=OuterRef("pk"))
    rows = ExternalLine.objects.filter(
        account=Account.PROVIDER,
        lane="payout",
        amount__lt=ZERO,
        moved_at__gte=day_start(run.start_date) - 2 * ARRIVES_WITHIN,
        moved_at__lt=day_start(run.end_date + timedelta(days=1)),
    )
    return list(rows.exclude(Exists(booked)).select_related("provider").order_by("moved_at", "pk"))


def _arrived(payouts: list[ExternalLine]) -> list[ExternalLine]:
    if not payouts:
        return []
    first = min(line.moved_at for line in payouts)
    matched = MatchLine.objects.filter(account=Account.BANK, side=MatchLine.Side.THEIRS, key=OuterRef("key"))
    rows = ExternalLine.objects.filter(
        account=Account.BANK, lane="in", moved_at__gte=first - timedelta(days=1)
    )
    return list(rows.exclude(Exists(matched)).order_by("moved_at", "pk"))


def _expected(payout: ExternalLine) -> Line:
    return Line(
        key=payout.key,
        amount=-payout.amount,
        at=payout.moved_at,
        currency=payout.currency,
        lane="in",
        references=tuple(payout.references),
    )


def _is_named(match: Match, payout: ExternalLine, arrived: ExternalLine) -> bool:
    """By its amount alone a payout is not believed: the bank must name who sent it."""
    if match.rule in (Rule.REFERENCE, Rule.TEXT):
        return True
    provider = payout.provider
    told = f"{arrived.party} {arrived.text}".casefold()
    return provider is not None and any(
        name and name.casefold() in told for name in (provider.provider_type, provider.display_name)
    )


def _book(
    payout: ExternalLine, arrived: ExternalLine, match: Match, run: ReconciliationRun, now: datetime
) -> None:
    transfer = ledger.move(
        debit=ledger.system_account(Kind.BANK),
        credit=ledger.system_account(Kind.PROVIDER_CLEARING),
        amount=-payout.amount,
        cause=ledger.Cause(
            transaction_id=payout.pk,
            cause_id=payout.pk,
            kind=Transfer.Kind.SETTLEMENT,
            reason=arrived.key[:200],
        ),
        now=now,
    )
    key, day = f"transfer:{transfer.pk}", day_start(rome_day(arrived.moved_at))
    came = Line(key=key, amount=-payout.amount, at=day)
    left = Line(key=key, amount=payout.amount, at=payout.moved_at)
    facts = {"provider": str(payout.provider), **match.facts}
    at_bank = Match(match.rule, (came,), match.theirs, match.confidence, facts)
    at_provider = Match(Rule.REFERENCE, (left,), (statements.line_of(payout),), match.confidence, facts)
    store_matches(Account.BANK, [at_bank], run, now)
    store_matches(Account.PROVIDER, [at_provider], run, now)
