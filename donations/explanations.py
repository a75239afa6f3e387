"""What allocation decided, in words: for staff, and for the organisation that asked."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from goodplay.lib.templatetags.house import euros

FACTORS: Mapping[str, Promise] = {
    "funding_gap": gettext_lazy("Funding gap"),
    "urgency": gettext_lazy("Urgency"),
    "performance": gettext_lazy("Compliance and past results"),
    "preferences": gettext_lazy("What donors care about"),
    "efficiency": gettext_lazy("How much of past targets was reached"),
    "seasonal": gettext_lazy("Season"),
}

_REASONS: Mapping[str, Promise] = {
    "ALLOCATION_SCORE_BELOW_THRESHOLD": gettext_lazy("The score is below 60."),
    "ALLOCATION_DEADLINE_PASSED": gettext_lazy("The deadline passed before money was there."),
    "NO_SUITABLE_FUNDING_POOLS": gettext_lazy("No donor and no pool has money for it at the moment."),
    "FUNDING_RESERVATION_FAILED": gettext_lazy("The pool gave its money to another request first."),
    "BATCH_FULL": gettext_lazy("The run had enough requests already: it comes with the next."),
    "ONLUS_NOT_ACTIVE": gettext_lazy("The organisation is not active."),
    "ONLUS_COMPLIANCE_SUSPENDED": gettext_lazy("The compliance of the organisation is not in order."),
    "ONLUS_COMPLIANCE_SCORE_TOO_LOW": gettext_lazy("The compliance score of the organisation is too low."),
    "ONLUS_BANK_NOT_VERIFIED": gettext_lazy("The bank account of the organisation is not verified."),
    "ALLOCATION_REQUEST_CHANGED": gettext_lazy("The request was decided otherwise in the meantime."),
}


def reason(code: str) -> str:
    """Say why a request waits or was rejected. What staff wrote stays as it is; a score may follow the constant."""
    constant, _space, score = code.partition(" ")
    if constant not in _REASONS:
        return code
    words = str(_REASONS[constant])
    return f"{words} ({score})" if score else words


def explain(figures: Mapping[str, Any]) -> str:
    """Say why a line is as large as it is, from the figures it was reckoned from."""
    amounts = {
        name: euros(Decimal(figures[name]))
        for name in ("available", "together", "target", "from_donors")
        if name in figures
    }
    words = {**figures, **amounts}
    if figures["why"] == "all":
        return (
            ngettext(
                "All this donor may give: %(available)s. Nobody else can give to %(target)s.",
                "All this donor may give: %(available)s. %(donors)s donors have %(together)s for %(target)s.",
                figures["donors"],
            )
            % words
        )
    if figures["why"] == "share":
        return (
            ngettext(
                "%(share)s %% of %(target)s: no other donor can give.",
                "%(share)s %% of %(target)s: %(available)s of the %(together)s that %(donors)s donors may give.",
                figures["donors"],
            )
            % words
        )
    return (
        _(
            "Adds what donors lack: they give %(from_donors)s of %(target)s. "
            "Available %(available)s, merit %(merit)s."
        )
        % words
    )
