"""`python -m benchmarks.importing`: bring a large old installation over to a database of its own, and tell what it takes.

The old documents are made while they are read, in this process: MongoDB's own time is not in the figures, nor its memory.
Then it runs once more, when everything is there, and the books are proved a last time by `verify_books`.
"""

import io
import os
import resource
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

import psycopg
from psycopg import sql

from benchmarks.importing_source import Installation

SERVER = os.environ.get("POSTGRESQL_URL", "postgres://postgres@127.0.0.1:5432/postgres")
DATABASE = "goodplay_bench_importing"
MEGABYTE = 1024  # ru_maxrss counts in kilobytes on Linux


def main() -> None:
    options = _options()
    _drop()
    with psycopg.connect(SERVER, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))
    os.environ |= {
        "DATABASE_URL": f"{SERVER.rsplit('/', 1)[0]}/{DATABASE}",
        "DEBUG": "true",
        "REDIS_URL": "",
        "MONGODB_URL": "",
        "LOG_LEVEL": "ERROR",
        "DJANGO_SETTINGS_MODULE": "goodplay.settings",
    }
    import django  # noqa: PLC0415  (only now the settings name the database)
    from django.conf import settings  # noqa: PLC0415

    django.setup()
    settings.DEBUG = False  # or Django keeps every statement
    from django.core.management import call_command  # noqa: PLC0415

    call_command("migrate", verbosity=0)
    _say(f"load {os.getloadavg()[0]:.1f}, {_peak()} MB before")
    if options.dry:
        _run(options, "dry run", is_dry=True)
    _run(options, "first run")
    _run(options, "second run")
    began = time.perf_counter()
    call_command("verify_books", stdout=io.StringIO())
    _say(f"books proved in {time.perf_counter() - began:.1f} s; load {os.getloadavg()[0]:.1f}")
    _drop()


def _drop() -> None:
    with psycopg.connect(SERVER, autocommit=True) as connection:
        name = sql.Identifier(DATABASE)
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))


def _run(options: Any, name: str, **how: bool) -> None:
    from django.utils import timezone  # noqa: PLC0415  (after the settings)

    from goodplay.importing.report import Report  # noqa: PLC0415
    from goodplay.importing.running import bring_over  # noqa: PLC0415
    from goodplay.importing.source import Source  # noqa: PLC0415

    took_of: dict[str, tuple[int, float]] = {}

    class Timed(Source):
        """Tells how long each collection took, with the last of its batches."""

        def batches(self, names: tuple[str, ...]) -> Iterator[list[Any]]:
            began, count = time.perf_counter(), 0
            for batch in super().batches(names):
                yield batch
                count += len(batch)
            if count:
                took_of[names[0]] = (count, time.perf_counter() - began)

    house = Installation(options.people, options.each)
    began, file = time.perf_counter(), io.StringIO()
    source = Timed(house, options.batch_size)
    report = bring_over(source=source, report=Report(file), now=timezone.now(), **how)
    took = time.perf_counter() - began
    if report.contradictions or report.reasons:
        sys.exit(f"It went wrong: {report.contradictions[:3]} {dict(report.reasons)}")
    parts = ", ".join(
        f"{collection} {count:,} in {seconds:.1f} s ({1000 * seconds / count:.2f} ms each)"
        for collection, (count, seconds) in took_of.items()
    )
    _say(f"{name}: {took:.1f} s; {parts}; {house.asked} questions to MongoDB; {_peak()} MB")


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // MEGABYTE


def _options() -> Any:
    parser = ArgumentParser()
    parser.add_argument("--people", type=int, default=50_000, help="with a wallet each")
    parser.add_argument("--each", type=int, default=4, help="transactions of each")
    parser.add_argument("--batch-size", type=int, default=500)
    parser.add_argument("--dry", action="store_true", help="a dry run comes first")
    return parser.parse_args()


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
