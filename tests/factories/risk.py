"""Rules for tests."""

from datetime import UTC, datetime

from donations.models import RiskRule
from donations.queries import risk_rules

NOW = datetime(2026, 3, 4, 12, tzinfo=UTC)


def make_rule(subject="donation", code="test_rule", *, conditions=None, **columns):
    """Put a rule in force, past its approval; the rules are read anew."""
    defaults = {
        "name": code,
        "conditions": conditions or {"fact": "amount", "operator": "gte", "threshold": "30.00"},
        "action": "review",
        "score": 50,
        "status": "active",
        "created_at": NOW,
    }
    columns = defaults | columns
    if columns["status"] == "active":
        columns.setdefault("published_at", NOW)
    rule, _created = RiskRule.objects.update_or_create(
        subject=subject, code=code, version=columns.pop("version", 1), defaults=columns
    )
    risk_rules.forget()
    return rule


def hold_from(subject, amount):
    """Let movements of this kind wait from this amount on."""
    conditions = {"fact": "amount", "operator": "gte", "threshold": str(amount)}
    return make_rule(subject, "review_amount", conditions=conditions)
