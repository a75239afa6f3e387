"""The rows every installation starts with: the platform's own accounts, the first rate card, providers, limits."""

from datetime import UTC, datetime
from decimal import Decimal

from donations.models.ledger import system_account_id

SYSTEM_KINDS = [
    "reward_pool",
    "sponsor",
    "provider_clearing",
    "provider_fees",
    "platform_fees",
    "payout_in_transit",
    "bank",
    "chargeback_loss",
    "adjustment",
]
MULTIPLIERS = {
    "tournament": "2.0",
    "challenge": "1.5",
    "daily_streak": "1.2",
    "weekend": "1.1",
    "special_event": "3.0",
    "loyalty": "1.3",
    "first_time": "2.0",
}
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
PROVIDERS = [
    {
        "provider_type": "sandbox",
        "name": "sandbox",
        "display_name": "Sandbox",
        "description": "Test cards, no money.",
        "priority": 0,
        "health_status": "healthy",
    },
    {
        "provider_type": "bank_transfer",
        "name": "bank-transfer",
        "display_name": "Bank transfer",
        "description": "Not offered yet.",
        "processing_fee_percentage": Decimal("0.80"),
        "processing_fee_fixed": Decimal("0.25"),
        "is_active": False,
        "is_test_mode": False,
    },
]
COMPLIANCE = {
    "risk_thresholds": {
        "daily_transaction_limit": "1000.00",
        "monthly_transaction_limit": "10000.00",
        "suspicious_pattern_threshold": 5,
        "high_risk_amount": "5000.00",
        "velocity_check_hours": 24,
        "max_failed_attempts": 3,
    },
    "aml_rules": {
        "single_transaction_threshold": "3000.00",
        "daily_aggregate_threshold": "10000.00",
        "structuring_detection_threshold": "0.9",
        "velocity_transactions_per_hour": 10,
        "suspicious_countries": [],
        "pep_screening_enabled": True,
        "sanctions_screening_enabled": True,
    },
    "system_settings": {
        "auto_check_enabled": True,
        "manual_review_required_threshold": 70,
        "escalation_threshold": 2,
        "check_expiration_days": 30,
        "notification_enabled": True,
        "audit_logging_enabled": True,
    },
}
# Level, at once, a day, a month (EUR).
LEVELS = [
    (0, "0.00", "0.00", "0.00"),
    (1, "1000.00", "1000.00", "10000.00"),
    (2, "3000.00", "5000.00", "20000.00"),
    (3, "10000.00", "20000.00", "50000.00"),
]


def add_accounts_and_rate(apps, schema_editor):
    account = apps.get_model("donations", "LedgerAccount")
    for kind in SYSTEM_KINDS:
        account.objects.get_or_create(
            id=system_account_id(kind), defaults={"kind": kind, "created_at": LONG_AGO}
        )
    apps.get_model("donations", "ConversionRate").objects.get_or_create(
        rate_id="default",
        version=1,
        defaults={
            "base_rate": Decimal("0.01"),
            "multipliers": MULTIPLIERS,
            "valid_from": LONG_AGO,
            "description": "One cent a minute",
            "created_at": LONG_AGO,
        },
    )


def add_suspense_account(apps, schema_editor):
    account = apps.get_model("donations", "LedgerAccount")
    account.objects.get_or_create(
        id=system_account_id("suspense"), defaults={"kind": "suspense", "created_at": LONG_AGO}
    )


def add_opening_account(apps, schema_editor):
    account = apps.get_model("donations", "LedgerAccount")
    account.objects.get_or_create(
        id=system_account_id("opening"), defaults={"kind": "opening", "created_at": LONG_AGO}
    )


def open_providers(apps, schema_editor):
    """The sandbox takes payments only where SANDBOX_PAYMENTS lets it; the others come with their secrets."""
    accounts = apps.get_model("donations", "PaymentProvider").objects
    for account in PROVIDERS:
        accounts.get_or_create(name=account["name"], defaults=account)


def add_compliance_settings(apps, schema_editor):
    rows = apps.get_model("donations", "ComplianceSettings").objects
    if not rows.exists():
        rows.create(version=1, created_at=LONG_AGO, reason="Defaults", **COMPLIANCE)


def add_levels(apps, schema_editor):
    model = apps.get_model("donations", "IdentityLevel")
    for level, *limits in LEVELS:
        single, daily, monthly = map(Decimal, limits)
        model.objects.get_or_create(
            level=level,
            defaults={"single_limit": single, "daily_limit": daily, "monthly_limit": monthly},
        )
