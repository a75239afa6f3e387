"""One run of the import: every collection, then the proof of the books."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction

from donations.queries.books import contradictions
from goodplay.importing.carrying import Context, carry
from goodplay.importing.report import Report
from goodplay.importing.source import Source
from goodplay.importing.steps import STEPS


def bring_over(
    *, source: Source, report: Report, now: datetime, is_dry: bool = False, trusts_wallets: bool = False
) -> Report:
    """Bring over what was not brought over yet, and prove the books.

    Each batch is a transaction: a run that was cut off is finished by the next. A dry run is one transaction that is
    taken back, so it sees what it would have made.
    """
    context = Context(now=now, source=source, is_dry=is_dry, trusts_wallets=trusts_wallets)
    with _taken_back() if is_dry else _kept():
        for step in STEPS:
            for batch in source.batches(step.found_as):
                carry(step, batch, context, report)
        report.contradictions.extend(map(str, contradictions()))
    return report


@contextmanager
def _kept() -> Iterator[None]:
    yield


@contextmanager
def _taken_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
