"""A month that two people signed takes no more entries by hand."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from donations.queries.month_closes import is_closed
from goodplay.lib.errors import Conflict
from goodplay.lib.time import month_start, rome_day


class MonthClosed(Conflict):
    code = "MONTH_ALREADY_CLOSED"
    message = _("This month is closed. Reopen it first, or book in an open month.")


def refuse_closed(moment: datetime) -> None:
    if is_closed(month_start(rome_day(moment))):
        raise MonthClosed
