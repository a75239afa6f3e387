"""Months of money for benchmarks.reconciling, written by SQL: the books, and what provider and bank tell of them."""

from datetime import date, timedelta
from typing import Any

import psycopg
from django.utils import timezone

from accounts.models import User
from donations.models import (
    BankFile,
    BankStatement,
    LedgerAccount,
    PaymentProvider,
    ReconciliationRun,
    Sponsor,
)
from donations.models.ledger import system_account_id
from donations.operations.reconciliation import runs
from goodplay.lib.money import ZERO
from goodplay.lib.time import day_start, next_month

Kind = LedgerAccount.Kind

# Of ten lines seven are payments, one a refund, one a movement without a name, and one money of a sponsor at the bank.
_LINES = """
CREATE TEMP TABLE bench AS
SELECT n, n %% 10 AS part, %(tag)s::text || n AS name, moment, (100 + (n * 37) %% 49900) / 100.0 AS amount,
    (moment AT TIME ZONE 'Europe/Rome')::date AS day, CASE WHEN n %% %(broken)s = 3 THEN 1 ELSE 0 END AS wrong,
    n %% %(broken)s = 7 AS is_lost
FROM (SELECT n, %(first)s::timestamptz + ((n::bigint * 7919) %% (%(days)s * 86400)) * interval '1 second' AS moment
    FROM generate_series(1, %(count)s) n) lines
"""
_INTENTS = """
INSERT INTO donations_paymentintent (id, player_id, provider_id, provider_payment_id, purpose, amount, processing_fee,
    platform_fee, net_amount, currency, status, payment_method, method_brand, method_last4, save_method, is_off_session,
    client_secret, next_action_url, return_url, description, metadata, request_key, confirmation_attempts, last_error,
    error_code, cancel_reason, stray_amount, refunded_amount, refund_reason, expires_at, confirmed_at, processed_at,
    created_at, updated_at)
SELECT md5('intent' || name)::uuid, %(player)s, %(provider)s, 'pi_' || name, 'top_up', amount, 0.55, 0, amount - 0.55,
    'EUR', 'succeeded', 'card', '', '', false, false, '', '', '', '', '{}', '', 1, '', '', '', 0, 0, '', moment,
    moment, moment, moment, moment
FROM bench WHERE part > 2
"""
_REFUNDS = """
INSERT INTO donations_paymentrefund (id, intent_id, provider_refund_id, is_ours, amount, wallet_amount, fee_amount,
    stray_amount, shortfall, settled_amount, status, reason, error_code, request_key, created_at, closed_at)
SELECT md5('refund' || name)::uuid, md5('intent' || %(tag)s::text || (n - 7))::uuid, 're_' || name, true, amount, amount, 0,
    0, 0, 0, 'succeeded', '', '', '', moment, moment
FROM bench WHERE part = 0
"""
_FUNDINGS = """
INSERT INTO donations_funding (id, sponsor_id, amount, purpose, received_on, bank_reference, created_at)
SELECT md5('funding' || name)::uuid, %(sponsor)s, amount, 'matching', day, 'FATT-' || name, moment
FROM bench WHERE part = 2
"""
_TRANSFERS = """
INSERT INTO donations_transfer (id, transaction_id, debit_account_id, credit_account_id, amount, kind, phase, cause_id,
    reason, created_at)
SELECT gen_random_uuid(), fact, debit, credit, sum, kind, 'single', cause, '', moment FROM (
    SELECT md5('intent' || name)::uuid, %(clearing)s, %(cash)s, amount, 'top_up', md5('intent' || name)::uuid, moment
    FROM bench WHERE part > 2
    UNION ALL
    SELECT md5('intent' || name)::uuid, %(fees)s, %(clearing)s, 0.55, 'fee', md5('fee' || name)::uuid, moment
    FROM bench WHERE part > 2
    UNION ALL
    SELECT md5('intent' || %(tag)s::text || (n - 7))::uuid, %(cash)s, %(clearing)s, amount, 'refund',
        md5('refund' || name)::uuid, moment
    FROM bench WHERE part = 0
    UNION ALL
    SELECT md5('other' || name)::uuid, %(clearing)s, %(adjustment)s, amount, 'adjustment',
        md5('other' || name)::uuid, moment
    FROM bench WHERE part = 1
    UNION ALL
    SELECT md5('funding' || name)::uuid, %(bank)s, %(sponsors)s, amount, 'funding', md5('funding' || name)::uuid,
        moment
    FROM bench WHERE part = 2
) moved (fact, debit, credit, sum, kind, cause, moment)
"""
_TOLD = """
INSERT INTO donations_externalline (id, account, key, kind, lane, amount, fee, currency, moved_at, "references",
    related, "group", text, party, is_charge, provider_id, statement_id, imported_at)
SELECT gen_random_uuid(), 'provider_clearing', 'bench/' || name, lane, lane, told + wrong, fee, 'EUR',
    moment + (n %% 240) * interval '1 second', own, paid, '', '', '', false, %(provider)s::uuid, NULL::uuid, moment
FROM (
    SELECT *, 'payment' AS lane, amount - 0.55 AS told, 0.55 AS fee, jsonb_build_array('pi_' || name) AS own,
        '[]'::jsonb AS paid FROM bench WHERE part > 2
    UNION ALL
    SELECT *, 'refund', -amount, 0, jsonb_build_array('re_' || name),
        jsonb_build_array('pi_' || %(tag)s::text || (n - 7)) FROM bench WHERE part = 0
    UNION ALL
    SELECT *, 'other', amount, 0, '[]', '[]' FROM bench WHERE part = 1
) lines WHERE NOT is_lost
UNION ALL
SELECT gen_random_uuid(), 'bank', 'bank/' || name, 'PMNT', 'in', amount, NULL, 'EUR',
    day::timestamp AT TIME ZONE 'Europe/Rome', '[]', '[]', '', 'Bonifico fattura FATT-' || name, 'Sponsor', false,
    NULL::uuid, %(statement)s::uuid, moment
FROM bench WHERE part = 2
"""


def prepare() -> None:
    """Make what every line names. Nobody is asked over the network: providers are put to rest."""
    now = timezone.now()
    PaymentProvider.objects.update(is_active=False)
    User.objects.get_or_create(email="bench@example.org", defaults={"display_name": "Bench"})
    Sponsor.objects.get_or_create(name="Sponsor", defaults={"created_at": now})
    player = User.objects.get(email="bench@example.org")
    LedgerAccount.objects.get_or_create(
        player=player, kind=Kind.PLAYER_CASH, defaults={"balance": ZERO, "held": ZERO, "created_at": now}
    )


def fill(url: str, *, count: int, broken: int, month: date) -> None:
    """Write a month of `count` lines on each side. Of so many one has a wrong amount, and one nobody tells of."""
    first, last = month, _last_day(month)
    tag = f"{month:%y%m}-"
    values = _keys(tag, first, last) | {
        "count": count,
        "broken": broken,
        "tag": tag,
        "first": day_start(first),
        "days": (last - first).days + 1,
    }
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in (_LINES, _INTENTS, _REFUNDS, _FUNDINGS, _TRANSFERS, _TOLD):
            named = {name: value for name, value in values.items() if f"%({name})s" in statement}
            connection.execute(statement, named or None)
        connection.execute("ANALYZE")


def _keys(tag: str, first: date, last: date) -> dict[str, Any]:
    now, player = timezone.now(), User.objects.get(email="bench@example.org")
    file = BankFile.objects.create(
        kind=BankFile.Kind.STATEMENT, sha256=tag, content="", outcome={}, received_at=now
    )
    statement = BankStatement.objects.create(
        key=tag,
        account="IT60X0542811101000000123456",
        statement_id=tag,
        starts_on=first,
        ends_on=last,
        opening=ZERO,
        closing=ZERO,
        line_count=0,
        file=file,
        imported_at=now,
    )
    kinds = {
        "clearing": Kind.PROVIDER_CLEARING,
        "fees": Kind.PROVIDER_FEES,
        "adjustment": Kind.ADJUSTMENT,
        "bank": Kind.BANK,
        "sponsors": Kind.SPONSOR,
    }
    return {name: system_account_id(kind) for name, kind in kinds.items()} | {
        "player": player.pk,
        "cash": LedgerAccount.objects.get(player=player, kind=Kind.PLAYER_CASH).pk,
        "provider": PaymentProvider.objects.order_by("pk").values_list("pk", flat=True)[0],
        "sponsor": Sponsor.objects.get(name="Sponsor").pk,
        "statement": statement.pk,
    }


def run(month: date) -> ReconciliationRun:
    return runs.start(
        type=ReconciliationRun.Type.MONTHLY, start_date=month, end_date=_last_day(month), now=timezone.now()
    )


def _last_day(month: date) -> date:
    return next_month(month) - timedelta(days=1)
