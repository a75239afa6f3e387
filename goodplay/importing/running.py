"""One run of the import: every collection, then the proof of the books."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from donations.queries.books import contradictions
from goodplay.importing.carrying import carry
from goodplay.importing.context import Context
from goodplay.importing.models import ImportRun
from goodplay.importing.report import Report
from goodplay.importing.source import Source
from goodplay.importing.steps import STEPS
from goodplay.lib.db import held_alone
from goodplay.lib.errors import Conflict

MOST_KEPT = 100


class ImportRunning(Conflict):
    code = "IMPORT_RUNNING"
    message = _("Another run of the import is under way. Wait for its end.")


def bring_over(
    *, source: Source, report: Report, now: datetime, is_dry: bool = False, trusts_wallets: bool = False
) -> Report:
    """Bring over what was not brought over yet, and prove the books. Raises ImportRunning while another run does.

    Each batch is a transaction: a run that was cut off is finished by the next. A dry run is one transaction that is
    taken back, so it sees what it would have made.
    """
    with held_alone("import_mongodb") as is_alone:
        if not is_alone:
            raise ImportRunning
        run = _begun(source, now, is_dry=is_dry, trusts_wallets=trusts_wallets)
        context = Context(now=now, source=source, is_dry=is_dry, trusts_wallets=trusts_wallets)
        with _taken_back() if is_dry else _kept():
            for step in STEPS:
                for batch in source.batches(step.found_as):
                    carry(step, batch, context, report)
            report.contradictions.extend(map(str, contradictions()))
        _end(run, report)
    return report


def _begun(source: Source, now: datetime, **options: bool) -> ImportRun:
    return ImportRun.objects.create(source=source.name, started_at=now, **options)


def _end(run: ImportRun, report: Report) -> None:
    """Write down what came of it: what a dry run found as well, for that is all it leaves."""
    run.ended_at = timezone.now()
    run.outcomes = report.outcomes
    run.reasons = [
        {"collection": collection, "outcome": outcome, "reason": reason, "documents": count}
        for (collection, outcome, reason), count in sorted(report.reasons.items())
    ]
    run.contradictions = report.contradictions[:MOST_KEPT]
    run.save(update_fields=["ended_at", "outcomes", "reasons", "contradictions"])


@contextmanager
def _kept() -> Iterator[None]:
    yield


@contextmanager
def _taken_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
