"""Batches of compliance checks: each line looks at one player. No money moves, so nobody releases them."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from donations.models import BatchLine, ComplianceCheck
from donations.operations.batch_lines import BatchKind, Fault, LineDraft
from donations.operations.compliance import running
from goodplay.lib.errors import DomainError

STARTS, SEES = "donations.add_compliancecheck", "donations.view_compliancecheck"


class CheckTypeUnknown(DomainError):
    code = "INVALID_COMPLIANCE_CHECK_TYPE"
    message = _("There is no such check.")


class CheckNamedTwice(DomainError):
    code = "COMPLIANCE_CHECK_NAMED_TWICE"
    message = _("Another line asks for this check of this player already.")


def faults(lines: Sequence[LineDraft], now: datetime) -> list[Fault]:
    wanted = Counter((line.player_id, line.check_type) for line in lines)
    named = {line.player_id for line in lines if line.player_id}
    known = set(User.objects.filter(pk__in=named).values_list("pk", flat=True))
    return [fault for line in lines for fault in _faults_of(line, wanted, known)]


def _faults_of(
    line: LineDraft, wanted: Counter[tuple[UUID | None, str]], known: set[UUID]
) -> Iterator[Fault]:
    if line.player_id not in known:
        yield Fault.of(line.number, running.SubjectNotFound)
    if line.check_type not in ComplianceCheck.Type.values:
        yield Fault.of(line.number, CheckTypeUnknown)
    if wanted[line.player_id, line.check_type] > 1:
        yield Fault.of(line.number, CheckNamedTwice)


def row(line: LineDraft) -> BatchLine:
    return BatchLine(player_id=line.player_id, check_type=line.check_type, donation_message=line.message)


def carry_out(line: BatchLine, now: datetime) -> None:
    """Check the player as they are now. What cannot be found out waits for a person; the line is done all the same."""
    if line.player_id is None:
        raise running.SubjectNotFound
    default = _now("Line %(line)s of a batch of checks") % {"line": line.processing_order}
    line.compliance_check = running.run_check(
        user_id=line.player_id,
        check_type=line.check_type,
        reason=line.donation_message or default,
        started_by=line.batch.created_by,
        now=now,
    )


CHECKS = BatchKind(
    faults=faults,
    row=row,
    carry_out=carry_out,
    right_to_add=STARTS,
    right_to_run=STARTS,
    right_to_see=SEES,
)
