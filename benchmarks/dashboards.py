"""`python -m benchmarks.dashboards`: fill a database of its own with a year of money, and time the financial figures.

Rows are written by SQL, a million transfers in all: what players earned, what they gave, what they paid in. Then the
rollups are made, and dashboards and routes are asked for, in this process: without any cache, and with it.
"""

import os
import statistics
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

import psycopg
from psycopg import sql

SERVER = os.environ.get("POSTGRESQL_URL", "postgres://postgres@127.0.0.1:5432/postgres")
DATABASE = "goodplay_bench_dashboards"
DAYS, PLAYERS, ORGANISATIONS = 365, 20_000, 40

# Of a hundred transfers so many are earned, given and paid in.
EARNED, GIVEN, PAID = 50, 45, 5

_PEOPLE = """
INSERT INTO accounts_user (id, password, is_superuser, email, first_name, last_name, display_name, preferred_language,
    is_active, is_staff, email_verified_at, created_at, updated_at, session_epoch)
SELECT md5('player' || n)::uuid, '!', false, 'player' || n || '@example.org', '', '', 'Player ' || n, 'it', true, false,
    now(), now() - (n %% 500) * interval '1 day', now(), 0
FROM generate_series(1, %(players)s) n
"""
_ACCOUNTS = """
INSERT INTO donations_ledgeraccount (id, kind, player_id, balance, held, is_frozen, version, created_at)
SELECT md5(kind || n)::uuid, kind, md5('player' || n)::uuid, 0, 0, false, 1, now() - interval '500 days'
FROM generate_series(1, %(players)s) n, unnest(array['player_credits', 'player_cash']) kind
"""
_MOMENT = "now() - ((n::bigint * 7919) %% (%(days)s * 86400)) * interval '1 second'"
_PLAYER = "(n * 31 %% %(players)s) + 1"
_CENTS = "(1 + (n * 37) %% 400)"

_EARNINGS = f"""
INSERT INTO donations_transfer (id, transaction_id, debit_account_id, credit_account_id, amount, kind, phase, player_id,
    cause_id, reason, created_at)
SELECT gen_random_uuid(), gen_random_uuid(), %(pool)s, md5('player_credits' || {_PLAYER})::uuid,
    4 + {_CENTS} / 100.0, 'bonus', 'single', md5('player' || {_PLAYER})::uuid, gen_random_uuid(), '', {_MOMENT}
FROM generate_series(1, %(earned)s) n
"""  # noqa: S608  (our own text)
_DONATIONS = f"""
INSERT INTO donations_donation (id, donor_id, onlus_id, onlus_name, amount, earned_amount, paid_amount, status, origin,
    message, is_anonymous, round_up_amount, in_honour_of, refunded_amount, matched_amount, created_at, completed_at,
    failure_code, clears_at)
SELECT md5('gift' || n)::uuid, md5('player' || {_PLAYER})::uuid, o.id, o.name, {_CENTS} / 100.0, {_CENTS} / 100.0, 0,
    'completed', 'user_initiated', '', false, 0, '', 0, 0, {_MOMENT}, {_MOMENT}, '', {_MOMENT}
FROM generate_series(1, %(given)s) n
JOIN (SELECT id, name, row_number() OVER (ORDER BY id) AS place FROM accounts_onlus) o
    ON o.place = n %% %(organisations)s + 1
"""  # noqa: S608
_GIFTS = """
INSERT INTO donations_transfer (id, transaction_id, debit_account_id, credit_account_id, amount, kind, phase, player_id,
    cause_id, reason, created_at)
SELECT gen_random_uuid(), d.id, p.id, a.id, d.amount, 'donation', 'single', d.donor_id, d.id, '', d.completed_at
FROM donations_donation d
JOIN donations_ledgeraccount p ON p.player_id = d.donor_id AND p.kind = 'player_credits'
JOIN donations_ledgeraccount a ON a.onlus_id = d.onlus_id
"""
_INTENTS = f"""
INSERT INTO donations_paymentintent (id, player_id, provider_id, provider_payment_id, purpose, amount, processing_fee,
    platform_fee, net_amount, currency, status, payment_method, method_brand, method_last4, save_method, is_off_session,
    client_secret, next_action_url, return_url, description, metadata, request_key, confirmation_attempts, last_error,
    error_code, cancel_reason, stray_amount, refunded_amount, refund_reason, expires_at, confirmed_at, processed_at,
    created_at, updated_at)
SELECT md5('intent' || n)::uuid, md5('player' || {_PLAYER})::uuid, %(provider)s, 'pay_' || n, 'top_up', 20, 0.88, 0,
    19.12, 'EUR', 'succeeded', 'card', '', '', false, false, '', '', '', '', '{{}}', '', 1, '', '', '', 0, 0, '',
    {_MOMENT}, {_MOMENT} + (n %% 90) * interval '1 second', {_MOMENT}, {_MOMENT}, {_MOMENT}
FROM generate_series(1, %(paid)s) n
"""  # noqa: S608
_TOP_UPS = """
INSERT INTO donations_transfer (id, transaction_id, debit_account_id, credit_account_id, amount, kind, phase, player_id,
    cause_id, reason, created_at)
SELECT gen_random_uuid(), i.id, %(clearing)s, a.id, i.net_amount, 'top_up', 'single', i.player_id, i.id, '',
    i.created_at
FROM donations_paymentintent i
JOIN donations_ledgeraccount a ON a.player_id = i.player_id AND a.kind = 'player_cash'
"""
_FUNDING = """
INSERT INTO donations_transfer (id, transaction_id, debit_account_id, credit_account_id, amount, kind, phase, cause_id,
    reason, created_at)
SELECT gen_random_uuid(), gen_random_uuid(), %(sponsor)s, %(pool)s, %(earned)s * 10, 'funding', 'single',
    gen_random_uuid(), '', now() - interval '400 days'
"""
_BALANCES = """
UPDATE donations_ledgeraccount a SET balance = s.total FROM (
    SELECT account, sum(amount) AS total FROM (
        SELECT credit_account_id AS account, amount FROM donations_transfer
        UNION ALL SELECT debit_account_id, -amount FROM donations_transfer) moved GROUP BY account) s
WHERE s.account = a.id AND a.player_id IS NOT NULL
"""


def main() -> None:
    options = _options()
    is_filled = options.keep and _is_there()
    if not is_filled:
        _create()
    os.environ |= {
        "DATABASE_URL": f"{SERVER.rsplit('/', 1)[0]}/{DATABASE}",
        "DEBUG": "true",
        "REDIS_URL": "",
        "LOG_LEVEL": "ERROR",
        "EVENT_DELIVERY": "sweep",
        "DJANGO_SETTINGS_MODULE": "goodplay.settings",
    }
    import django  # noqa: PLC0415  (only now the settings name the database)

    django.setup()
    from benchmarks import dashboards_asked  # noqa: PLC0415

    if not is_filled:
        _say("migrated in", dashboards_asked.migrate)
        _say("filled in", lambda: _fill(options.transfers, dashboards_asked.prepare(ORGANISATIONS)))
        _say("analysed in", lambda: _run("VACUUM ANALYZE", {}))
        _say("snapshots taken in", dashboards_asked.snapshots)
        _say("every day rolled up in", dashboards_asked.rebuild)
    _say("rolled up again, nothing new, in", dashboards_asked.roll_up)
    print(f"{options.transfers} transfers, load of this machine {os.getloadavg()[0]:.1f}")
    print(f"{'':34} {'first':>8} {'median':>8} {'longest':>8} {'cached':>8}   ms, {options.rounds} rounds")
    for name, (ask, forget) in dashboards_asked.questions().items():
        _measure(name, ask, forget, options.rounds)
    if not options.keep:
        _drop()


def _measure(name: str, ask: Callable[[], Any], forget: Callable[[], None], rounds: int) -> None:
    forget()
    first = _took(ask)
    fresh = []
    for _round in range(rounds):
        forget()
        fresh.append(_took(ask))
    cached = statistics.median(_took(ask) for _round in range(rounds))
    print(f"{name:34} {first:8.0f} {statistics.median(fresh):8.0f} {max(fresh):8.0f} {cached:8.1f}")


def _took(ask: Callable[[], Any]) -> float:
    began = time.perf_counter()
    ask()
    return (time.perf_counter() - began) * 1000


def _say(what: str, do: Callable[[], Any]) -> None:
    print(f"{what} {_took(do) / 1000:.1f} s", file=sys.stderr)


def _fill(transfers: int, keys: dict[str, Any]) -> None:
    shares = {"earned": EARNED, "given": GIVEN, "paid": PAID}
    sizes = {name: transfers * share // 100 for name, share in shares.items()}
    values = {"players": PLAYERS, "days": DAYS, "organisations": ORGANISATIONS, **sizes, **keys}
    for statement in (
        _PEOPLE,
        _ACCOUNTS,
        _FUNDING,
        _EARNINGS,
        _DONATIONS,
        _GIFTS,
        _INTENTS,
        _TOP_UPS,
        _BALANCES,
    ):
        _run(statement, values)


def _run(statement: str, values: dict[str, Any]) -> None:
    with psycopg.connect(f"{SERVER.rsplit('/', 1)[0]}/{DATABASE}", autocommit=True) as connection:
        connection.execute(statement, values or None)


def _create() -> None:
    _drop()
    with psycopg.connect(SERVER, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))


def _drop() -> None:
    with psycopg.connect(SERVER, autocommit=True) as connection:
        name = sql.Identifier(DATABASE)
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))


def _is_there() -> bool:
    with psycopg.connect(SERVER) as connection:
        asked = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
        return asked.fetchone() is not None


def _options() -> Any:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--transfers", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument(
        "--keep", action="store_true", help="Leave the database, and measure what such a run left."
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
