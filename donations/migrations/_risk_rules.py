"""The rules of risk every installation starts with."""

from datetime import UTC, datetime

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def setting(path):
    return {"setting": path}


def compared(fact, operator, threshold):
    return {"fact": fact, "operator": operator, "threshold": threshold}


SESSION = [
    ("high_earnings", "Earns very much at once", compared("amount", "gt", "100"), "review", 50, False),
    ("high_multiplier", "Many bonuses at once", compared("multiplier", "gt", "5"), "score", 25, False),
    ("long_session", "More than eight hours", compared("minutes_played", "gt", "480"), "score", 25, False),
    ("off_hours", "At night", compared("hour", "lt", "4"), "score", 20, True),
    (
        "hourly_earned_limit",
        "Earns very much in one hour",
        compared("earned_that_hour", "gt", "100"),
        "review",
        50,
        False,
    ),
]
MONEY = [
    (
        "high_transaction_velocity",
        "Many movements in a day",
        compared("movements_in_window", "gt", setting("aml_rules.velocity_transactions_per_hour")),
        "score",
        20,
        False,
    ),
    (
        "large_transaction_amount",
        "A large movement",
        compared("amount", "gt", setting("aml_rules.single_transaction_threshold")),
        "score",
        15,
        False,
    ),
    (
        "high_daily_aggregate",
        "Much in a day",
        compared("total_in_window", "gt", setting("aml_rules.daily_aggregate_threshold")),
        "score",
        25,
        False,
    ),
    (
        "potential_structuring",
        "Several movements right below the threshold",
        compared("near_threshold_of_20", "gte", "3"),
        "review",
        30,
        False,
    ),
    (
        "transaction_frequency_limit",
        "Many movements in a minute",
        compared("movements_in_minute", "gt", "5"),
        "score",
        20,
        False,
    ),
    (
        "high_risk_amount",
        "A very large movement",
        compared("amount", "gte", setting("risk_thresholds.high_risk_amount")),
        "review",
        50,
        False,
    ),
]
PAYOUT = [
    (
        "large_first_payout",
        "Much at the first payout",
        {
            "all": [
                compared("payouts_before", "eq", "0"),
                compared("amount", "gte", setting("risk_thresholds.high_risk_amount")),
            ]
        },
        "review",
        50,
        False,
    ),
]
DEFAULTS = {
    "session": (SESSION, "active"),
    "donation": (MONEY, "active"),
    "top_up": (MONEY, "active"),
    "payout": (PAYOUT, "shadow"),
}


def add_rules(apps, schema_editor):
    rules = apps.get_model("donations", "RiskRule").objects
    for subject, (defaults, status) in DEFAULTS.items():
        for code, name, conditions, action, score, is_weak in defaults:
            rules.get_or_create(
                subject=subject,
                code=code,
                version=1,
                defaults={
                    "name": name,
                    "conditions": conditions,
                    "action": action,
                    "score": score,
                    "is_weak": is_weak,
                    "status": status,
                    "created_at": LONG_AGO,
                    "published_at": LONG_AGO if status == "active" else None,
                },
            )


def is_state(word):
    return {"fact": "sanctions_state", "operator": "eq", "threshold": word}


LISTS = [
    ("sanctions_confirmed", "Is on a list", is_state("confirmed"), "block", 100),
    ("sanctions_hit_open", "May be on a list", is_state("open"), "review", 80),
    ("sanctions_not_screened", "Not screened yet", is_state("waiting"), "review", 50),
]
LIMITS = [
    (
        "identity_limit",
        "More than their identity level allows",
        {"fact": "identity_limit_excess", "operator": "gt", "threshold": "0"},
        "review",
        50,
    )
]
DEFAULTS_OF_PEOPLE = {"donation": LISTS, "top_up": LISTS + LIMITS, "payout": LISTS}


def add_rules_of_people(apps, schema_editor):
    """Whoever may be on a list waits for a person, whoever is moves nothing; beyond one's limits a person looks."""
    rules = apps.get_model("donations", "RiskRule").objects
    for subject, defaults in DEFAULTS_OF_PEOPLE.items():
        for code, name, conditions, action, score in defaults:
            rules.get_or_create(
                subject=subject,
                code=code,
                version=1,
                defaults={
                    "name": name,
                    "conditions": conditions,
                    "action": action,
                    "score": score,
                    "status": "active",
                    "created_at": LONG_AGO,
                    "published_at": LONG_AGO,
                },
            )
