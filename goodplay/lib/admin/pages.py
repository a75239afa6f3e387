"""Pages of lists too long to count: each knows whether another follows, and no more."""

from functools import cached_property
from typing import Any

from django.core.paginator import Paginator

# The database walks over every row before a page: this is the last, and further back people search or filter.
DEEPEST = 1000


class AtLeast(int):
    """A number of rows that were seen, while more follow. Shown as "100+"."""

    def __str__(self) -> str:
        return f"{int(self) - 1}+"


class UncountedPaginator(Paginator):
    """Looks one row beyond the page that is asked for; Django's counts every row of the table."""

    def __init__(self, rows: Any, *args: Any, asked: int, **kwargs: Any) -> None:
        self.rows, self.asked = rows, min(max(asked, 1), DEEPEST)
        super().__init__(rows, *args, **kwargs)

    @cached_property
    def count(self) -> int:
        before = (self.asked - 1) * self.per_page
        seen = len(self.rows.values_list("pk")[before : before + self.per_page + 1])
        if seen <= self.per_page:
            return before + seen
        return AtLeast(before + (self.per_page if self.asked == DEEPEST else seen))
