"""What the kinds of batches share: lines as they are handed in, what is wrong with them, what became of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.functional import Promise

from donations.models import BatchLine, BatchOperation
from goodplay.lib.errors import DomainError
from goodplay.lib.ids import NO_ID

MAY_ADD, MAY_RUN = "donations.add_batchoperation", "donations.change_batchoperation"


@dataclass(frozen=True, slots=True)
class LineDraft:
    """One line as it was handed in; `number` counts from one. Each kind of batch reads the fields it needs."""

    number: int
    player_id: UUID | None = None
    onlus_id: UUID = NO_ID
    donation_id: UUID | None = None
    amount: Decimal | None = None
    message: str = ""
    is_anonymous: bool = False
    check_type: str = ""
    period_type: str = ""
    first_day: date = date.min
    last_day: date = date.min
    source_reference: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a line cannot be taken: a constant for programs and a sentence for people."""

    line: int
    code: str
    message: str

    @classmethod
    def of(cls, line: int, error: type[DomainError]) -> "Fault":
        return cls(line, error.code, str(error.message))

    @classmethod
    def saying(cls, line: int, code: str, message: str | Promise) -> "Fault":
        return cls(line, code, str(message))


@dataclass(frozen=True, slots=True)
class BatchKind:
    """What batches of one type do.

    `faults` looks at all lines together; `prepare` runs before each slice of lines, outside of any transaction; `complete` fills in what lines without fault leave open; `row` makes an
    unsaved line; `carry_out` does it, inside the line's own transaction, and fills in what came of it and
    `processed_amount` where money moved. It raises a DomainError to fail the line, having written nothing.
    The rights are those to hand such a batch in and to run it; whoever lacks `right_to_see` sees none of it.
    """

    faults: Callable[[Sequence[LineDraft], datetime], list[Fault]]
    row: Callable[[LineDraft], BatchLine]
    carry_out: Callable[[BatchLine, datetime], None]
    prepare: Callable[[BatchOperation, datetime], None] = lambda batch, now: None
    complete: Callable[[Sequence[LineDraft]], Sequence[LineDraft]] = lambda lines: lines
    right_to_add: str = MAY_ADD
    right_to_run: str = MAY_RUN
    right_to_see: str = ""
