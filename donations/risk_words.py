"""What rules saw and said, in words for the people who decide."""

from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from goodplay.lib.templatetags.house import euros

RULES: Mapping[str, Promise] = {
    "FACTS_UNAVAILABLE": _("The facts could not be gathered"),
    "daily_transaction_limit": _("Puts in much in a day"),
    "failed_payments": _("Several payments failed before"),
    "high_daily_aggregate": _("Much in a day"),
    "high_earnings": _("Earns very much at once"),
    "high_multiplier": _("Many bonuses at once"),
    "high_risk_amount": _("A very large movement"),
    "high_transaction_velocity": _("Many movements in a day"),
    "hourly_earned_limit": _("Earns very much in one hour"),
    "identical_amounts": _("Many lines of one amount"),
    "identity_limit": _("More than their identity level allows"),
    "large_first_payout": _("Much at the first payout"),
    "large_transaction_amount": _("A large movement"),
    "long_session": _("Plays for more than eight hours"),
    "missing_email_confirmed": _("The e-mail address is not confirmed"),
    "missing_first_name": _("The first name is missing"),
    "missing_last_name": _("The last name is missing"),
    "monthly_transaction_limit": _("Puts in much in a month"),
    "not_screened": _("Not screened"),
    "off_hours": _("At night"),
    "one_player": _("More than half the lines are one player's"),
    "pep_confirmed": _("Is politically exposed"),
    "pep_open": _("May be politically exposed"),
    "pep_possible": _("May be politically exposed"),
    "pep_strong": _("Very likely politically exposed"),
    "potential_structuring": _("Several movements right below the threshold"),
    "sanctions_confirmed": _("Is on a list"),
    "sanctions_hit_open": _("May be on a list"),
    "sanctions_not_screened": _("Not screened yet"),
    "sanctions_open": _("May be on a list"),
    "sanctions_possible": _("May be on a list"),
    "sanctions_strong": _("Very likely on a list"),
    "suspicious_country": _("From a country on the list of the settings"),
    "transaction_frequency_limit": _("Many movements in a minute"),
}
FACTS: Mapping[str, Promise] = {
    "amount": _("the amount"),
    "earned_that_day": _("what was earned that day"),
    "earned_that_hour": _("what was earned that hour"),
    "failed_payments_in_window": _("payments that failed in the window"),
    "hour": _("the hour in Rome"),
    "identical_amounts": _("lines of the same amount"),
    "identity_level": _("the identity level"),
    "identity_limit_excess": _("what goes beyond the limit"),
    "identity_limit_left": _("what the limit leaves"),
    "is_suspicious_country": _("from a country on the list"),
    "largest_payout_before": _("the largest payout before"),
    "largest_share_percent": _("one player's share of the lines, in percent"),
    "line_count": _("the number of lines"),
    "minutes_played": _("minutes played"),
    "months_played": _("months since the first play"),
    "movements_in_minute": _("movements in a minute"),
    "movements_in_window": _("movements in the window"),
    "multiplier": _("the bonus factor"),
    "near_threshold_of_20": _("of the last 20 movements, those right below the threshold"),
    "origin": _("the origin"),
    "payouts_before": _("payouts before"),
    "put_in_this_month": _("own money put in this month"),
    "put_in_today": _("own money put in today"),
    "sanctions_state": _("what the lists say"),
    "streak_days": _("days played in a row"),
    "total_in_window": _("the sum in the window"),
}
_IN_EUROS = {
    "amount",
    "earned_that_day",
    "earned_that_hour",
    "identity_limit_excess",
    "identity_limit_left",
    "largest_payout_before",
    "put_in_this_month",
    "put_in_today",
    "total_in_window",
}
_HELD_AGAINST: Mapping[str, Promise] = {
    "gt": _("%(fact)s is %(value)s, more than %(threshold)s"),
    "gte": _("%(fact)s is %(value)s, at least %(threshold)s"),
    "lt": _("%(fact)s is %(value)s, less than %(threshold)s"),
    "lte": _("%(fact)s is %(value)s, at most %(threshold)s"),
    "ne": _("%(fact)s is %(value)s, not %(threshold)s"),
    "between": _("%(fact)s is %(value)s, within %(threshold)s"),
    "in": _("%(fact)s is %(value)s, one of %(threshold)s"),
}


def rule_in_words(code: str) -> str:
    """Name a rule or a sign; one that staff wrote is called by its code."""
    return str(RULES.get(code, code))


def rules_in_words(codes: Iterable[str]) -> str:
    return "; ".join(map(rule_in_words, codes)) or "-"


def seen_in_words(seen: Mapping[str, Any]) -> str:
    """Say what a rule saw, and what it was held against."""
    fact = seen["fact"]
    words = {
        "fact": str(FACTS.get(fact, fact)),
        "value": _value(fact, seen["value"]),
        "threshold": _value(fact, seen["threshold"]),
    }
    pattern = _HELD_AGAINST.get(seen["operator"], _("%(fact)s is %(value)s"))
    return str(pattern) % words


def reason_in_words(reason: Mapping[str, Any], *, name: str | None = None) -> str:
    """Say in one sentence why a rule spoke; one that staff wrote has the name they gave it."""
    seen = "; ".join(seen_in_words(each) for each in reason["seen"])
    code = reason["rule"]
    name = str(RULES.get(code, name or code))
    return _now("%(rule)s: %(seen)s.") % {"rule": name, "seen": seen} if seen else f"{name}."


def _value(fact: str, value: Any) -> str:
    if fact not in _IN_EUROS:
        return {"True": _now("Yes"), "False": _now("No")}.get(str(value), str(value))
    try:
        return euros(Decimal(str(value)))
    except InvalidOperation:
        return str(value)
