"""How long a large month takes: `python -m benchmarks.reconciling`, the matcher alone, which needs no database.

Lines on each side: payments by reference, a tenth refunds that name only their payment, a tenth movements without any name, and
one in a thousand of them broken. `--database` measures whole runs instead: months written by SQL to a database of their
own on PostgreSQL, read, matched, stored, and reconciled once more. What takes longer than `--seconds` is given up.
"""

import os
import random
import signal
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from time import perf_counter, process_time
from typing import Any

import psycopg
from psycopg import sql

from donations.reconciling.lines import PROVIDER, Line
from donations.reconciling.matching import reconcile

SIZES = (25_000, 50_000, 100_000)
ROUNDS = 3
FIRST = datetime(2026, 10, 1, tzinfo=UTC)
MONTH = 31 * 24 * 3600

SERVER = os.environ.get("POSTGRESQL_URL", "postgres://postgres@127.0.0.1:5432/postgres")
DATABASE = "goodplay_bench_reconciling"
STORED_SIZES = [5_000, 20_000]


def lines(count: int, rng: random.Random) -> Iterator[tuple[Line, Line]]:
    for number in range(count):
        amount = Decimal(rng.randrange(100, 50_000)) / 100
        at = FIRST + timedelta(seconds=rng.randrange(MONTH))
        names = (f"intent-{number}", f"pi_{number:07}")
        ours = Line(f"ours-{number}", amount, at, lane="payment", references=names, fee=Decimal("0.55"))
        if number % 10 == 0:
            ours = replace(ours, amount=-amount, lane="refund", references=(), related=names, fee=None)
        elif number % 10 == 1:
            ours = replace(ours, lane="other", references=())
        seen = replace(ours, key=f"theirs-{number}", at=at + timedelta(seconds=rng.randrange(240)))
        yield ours, seen


def measure(count: int) -> tuple[float, int]:
    rng = random.Random(count)
    both = list(lines(count, rng))
    ours, theirs = [each for each, _ in both], [each for _, each in both]
    broken = count // 1000
    theirs[:broken] = [replace(line, amount=line.amount + 1) for line in theirs[:broken]]
    began = perf_counter()
    outcome = reconcile(ours, theirs, tolerance=PROVIDER)
    took = perf_counter() - began
    return took, len(outcome.breaks)


def measure_alone() -> None:
    for count in SIZES:
        taken = [measure(count) for _ in range(ROUNDS)]
        times = sorted(took for took, _ in taken)
        per_line = times[1] / count * 1e6
        sys.stdout.write(
            f"{count:>7} lines a side: median {times[1]:.1f} s ({times[0]:.1f}-{times[-1]:.1f}), "
            f"{per_line:.0f} µs a line, {taken[0][1]} breaks\n"
        )


def measure_stored(sizes: list[int], broken: int, seconds: int) -> None:
    _create()
    url = f"{SERVER.rsplit('/', 1)[0]}/{DATABASE}"
    os.environ |= {
        "DATABASE_URL": url,
        "DEBUG": "true",
        "REDIS_URL": "",
        "LOG_LEVEL": "ERROR",
        "EVENT_DELIVERY": "sweep",
        "DJANGO_SETTINGS_MODULE": "goodplay.settings",
    }
    import django  # noqa: PLC0415  (only now the settings name the database)

    django.setup()
    from django.conf import settings  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415

    from benchmarks import reconciling_rows as rows  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    settings.DEBUG = False  # or every query is remembered
    rows.prepare()
    for place, count in enumerate(sizes):
        # Half a year apart: no month sees another's lines.
        month = date(2020 + place // 2, 1 + place % 2 * 6, 1)
        rows.fill(url, count=count, broken=broken, month=month)
        for what in ("first", "again"):
            signal.alarm(seconds)
            began, worked = perf_counter(), process_time()
            run = rows.run(month)
            took, worked = perf_counter() - began, process_time() - worked
            signal.alarm(0)
            sys.stdout.write(
                f"{count:>7} lines a side, {what}: {took:.1f} s ({worked:.1f} s of our processor), "
                f"{run.matched_count} of {run.internal_count} matched, {run.break_count} breaks\n"
            )


def _create() -> None:
    _drop()
    with psycopg.connect(SERVER, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))


def _drop() -> None:
    with psycopg.connect(SERVER, autocommit=True) as connection:
        name = sql.Identifier(DATABASE)
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))


def _options() -> Any:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--database", action="store_true", help="Measure whole runs on PostgreSQL.")
    parser.add_argument("--sizes", type=int, nargs="+", default=STORED_SIZES, help="Tens of lines a side.")
    parser.add_argument("--broken", type=int, default=1000, help="One of so many is wrong, one is lost.")
    parser.add_argument("--seconds", type=int, default=150, help="The longest one run may take.")
    return parser.parse_args()


def main() -> None:
    options = _options()
    if options.database:
        try:
            measure_stored(options.sizes, options.broken, options.seconds)
        finally:
            _drop()
    else:
        measure_alone()


if __name__ == "__main__":
    main()
