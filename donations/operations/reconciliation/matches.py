"""Keeping matches."""

from collections.abc import Iterable
from datetime import datetime

from donations.models import MatchLine, ReconciliationMatch, ReconciliationRun
from donations.models.reconciliation import Account
from donations.reconciling.lines import Line, Match, total
from goodplay.lib.db import in_parts

Side = MatchLine.Side


def store_matches(account: Account, matches: Iterable[Match], run: ReconciliationRun, now: datetime) -> None:
    for part in in_parts(matches):
        rows = [_row(account, match, run, now) for match in part]
        lines = [
            match_line(row, side, line)
            for row, match in zip(rows, part, strict=True)
            for side, members in ((Side.OURS, match.ours), (Side.THEIRS, match.theirs))
            for line in members
        ]
        ReconciliationMatch.objects.bulk_create(rows)
        MatchLine.objects.bulk_create(lines)


def _row(account: Account, match: Match, run: ReconciliationRun, now: datetime) -> ReconciliationMatch:
    return ReconciliationMatch(
        run_id=run.pk,
        account=account,
        rule=match.rule.value,
        confidence=match.confidence,
        facts=dict(match.facts),
        difference=total(match.theirs) - total(match.ours),
        matched_at=now,
    )


def match_line(match: ReconciliationMatch, side: Side, line: Line) -> MatchLine:
    return MatchLine(
        match_id=match.pk,
        account=match.account,
        side=side,
        key=line.key,
        amount=line.amount,
        currency=line.currency,
        moved_at=line.at,
    )
