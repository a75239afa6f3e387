"""What a donor has given so far, as conditions and levels ask for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from goodplay.lib.money import ZERO
from impact.levels import level_of


@dataclass(frozen=True, slots=True)
class DonorStatistics:
    """What a donor has done so far, from completed donations."""

    total_donated: Decimal = ZERO
    donation_count: int = 0
    onlus_diversity: int = 0
    impact_score: Decimal = ZERO
    first_donation_date: datetime | None = None
    last_donation_date: datetime | None = None
    special_events: Mapping[UUID, str] = field(default_factory=dict)
    """The events the donor took part in, and their codes."""

    @property
    def avg_donation_amount(self) -> Decimal:
        return self.total_donated / self.donation_count if self.donation_count else ZERO

    @property
    def current_level(self) -> int:
        return level_of(self.total_donated)
