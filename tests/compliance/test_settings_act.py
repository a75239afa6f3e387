"""No setting without an effect: each is changed here, and something else happens."""

from datetime import timedelta
from decimal import Decimal

import pytest

from donations.models import (
    ComplianceSettings,
    IdentityVerification,
    PaymentIntent,
    PaymentProvider,
    Review,
    RiskRule,
)
from donations.operations import giving
from donations.operations.compliance import settings as operations
from donations.operations.risk import judging
from donations.queries import compliance_settings, risk_facts, risk_rules
from donations.rules.conditions import settings_named
from tests.factories.accounts import OnlusFactory, StaffFactory, UserFactory
from tests.factories.donations import NOW, give_credits
from tests.factories.identity import submitted

pytestmark = pytest.mark.django_db

READ_ELSEWHERE = {
    "risk_thresholds.velocity_check_hours",  # risk_facts.history, risk_facts.payments
    "aml_rules.structuring_detection_threshold",  # risk_facts.history
    "aml_rules.suspicious_countries",  # risk_facts.countries
    "aml_rules.pep_screening_enabled",  # queries.screening, compliance.running
    "aml_rules.sanctions_screening_enabled",
    "system_settings.auto_check_enabled",  # compliance.watching
    "system_settings.notification_enabled",
    "system_settings.escalation_threshold",
    "system_settings.manual_review_required_threshold",  # queries.risk_rules
    "system_settings.check_expiration_days",  # compliance.checks
    "system_settings.audit_logging_enabled",  # cannot be turned off
}


def put(section, **values):
    latest = ComplianceSettings.objects.latest("version")
    sections = {name: dict(getattr(latest, name)) for name in compliance_settings.SECTIONS}
    sections[section] |= values
    ComplianceSettings.objects.create(version=latest.version + 1, created_at=NOW, **sections)
    compliance_settings.forget()
    risk_rules.forget()


def proven(user, nationality="IT"):
    row = submitted(user, nationality=nationality)
    IdentityVerification.objects.filter(pk=row.pk).update(
        status="approved", decided_at=NOW, decided_by=StaffFactory(), expires_at=NOW + timedelta(days=300)
    )
    return user


def top_up(user, amount):
    movement = judging.Movement("top_up", user.pk, user.pk, Decimal(amount))
    return judging.judge(movement=movement, now=NOW)


def paid(user, amount):
    give_credits(user, amount, kind="player_cash")


def test_every_setting_is_named_by_a_rule_in_force_or_read_by_the_code():
    named = set().union(
        *(settings_named(rule.conditions) for rule in RiskRule.objects.filter(status="active"))
    )

    assert named | READ_ELSEWHERE == set(operations.KEYS)
    assert named & READ_ELSEWHERE == set()


def test_a_gift_from_a_country_on_the_list_waits_and_no_other():
    put("aml_rules", suspicious_countries=["KP", "IR"])
    listed, other = proven(UserFactory(), "IR"), proven(UserFactory(), "IT")

    statuses = []
    for user in (listed, other):
        give_credits(user, "5.00")
        gift = giving.donate(donor=user, onlus_id=OnlusFactory().pk, amount=Decimal("5.00"), now=NOW)
        statuses.append(gift.status)

    assert statuses == ["pending", "completed"]
    assert Review.objects.get().reasons == ["suspicious_country"]


def test_an_empty_list_of_countries_costs_no_query(django_assert_num_queries):
    user = UserFactory()
    compliance_settings.current()
    movement = judging.Movement("donation", user.pk, user.pk, Decimal("5.00"))

    with django_assert_num_queries(0):
        found = risk_facts.gather(movement=movement, needed=frozenset({"is_suspicious_country"}), now=NOW)

    assert found == {"is_suspicious_country": False}


def test_what_is_put_in_a_day_and_a_month_is_held_against_the_limits():
    user = proven(UserFactory())
    paid(user, "900.00")

    below = top_up(user, "100.00").codes
    over = top_up(user, "100.01").codes
    put("risk_thresholds", daily_transaction_limit="5000.00", monthly_transaction_limit="1000.00")
    month = top_up(user, "100.01").codes

    assert (below, over, month) == ([], ["daily_transaction_limit"], ["monthly_transaction_limit"])


def test_payments_that_failed_before_are_a_sign_and_the_setting_says_how_many():
    user = UserFactory()
    provider = PaymentProvider.objects.get(name="sandbox")
    for number in range(3):
        PaymentIntent.objects.create(
            player=user,
            provider=provider,
            amount=Decimal("10.00"),
            net_amount=Decimal("10.00"),
            status="failed",
            created_at=NOW - timedelta(hours=number),
            updated_at=NOW,
            processed_at=NOW,
            expires_at=NOW,
        )

    three = top_up(user, "10.00").codes
    put("risk_thresholds", max_failed_attempts=4)
    four_wanted = top_up(user, "10.00").codes
    put("risk_thresholds", max_failed_attempts=3, velocity_check_hours=2)
    lately = top_up(user, "10.00").codes

    assert (three, four_wanted, lately) == (["failed_payments"], [], [])
