"""Every setting, one by one: what happens before it is changed, and what happens after."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest

from donations.models import PaymentIntent, PaymentProvider, Review, ScreenedSubject, ScreeningHit
from donations.operations import batches, giving
from donations.operations.compliance import checks, running, watching
from donations.operations.compliance import settings as operations
from donations.operations.risk import judging
from donations.queries import compliance_settings
from goodplay.lib.alerts.models import Alert
from goodplay.lib.approvals import operations as approvals
from tests.compliance.test_settings_act import proven, put
from tests.factories.accounts import OnlusFactory, StaffFactory, UserFactory
from tests.factories.batches import gifts, make_batch, rich_players
from tests.factories.donations import NOW, give_credits
from tests.factories.risk import make_rule
from tests.factories.screening import import_pep, import_un, screen_all

pytestmark = pytest.mark.django_db

LISTED = ("Karim", "Talbani Yusuf")
EFFECTS: dict[str, Callable[[Callable[..., None]], tuple[object, object]]] = {}
FIXED = "system_settings.audit_logging_enabled"


@pytest.fixture(autouse=True)
def short_lists(settings):
    settings.SCREENING_FEWEST_ENTRIES = {"UN": 1}


def effect_of(path):
    def declare(function):
        EFFECTS[path] = function
        return function

    return declare


def codes(subject, user, amount):
    movement = judging.Movement(subject, user.pk, user.pk, Decimal(amount))
    return judging.judge(movement=movement, now=NOW).codes


def says(code, *, about="donation", amount, user=None):
    return code in codes(about, user or UserFactory(), amount)


def gave(user, *amounts):
    for amount in amounts:
        give_credits(user, amount)
        giving.donate(donor=user, onlus_id=OnlusFactory().pk, amount=Decimal(amount), now=NOW)


def payments_failed(user, *, hours_ago):
    for _each in range(3):
        PaymentIntent.objects.create(
            player=user,
            provider=PaymentProvider.objects.get(name="sandbox"),
            amount=Decimal("10.00"),
            net_amount=Decimal("10.00"),
            status="failed",
            created_at=NOW - timedelta(hours=hours_ago),
            updated_at=NOW,
            processed_at=NOW,
            expires_at=NOW,
        )


def check(**changes):
    facts = {
        "check_type": "aml",
        "risk_level": "critical",
        "risk_score": Decimal("75.00"),
        "risk_factors": [],
        "results": {},
        "reason": "A rule",
        "now": NOW,
    }
    return checks.open_check(user=UserFactory(), **(facts | changes))


def screened_clear():
    import_pep()
    user = UserFactory(first_name="Zenobia", last_name="Quattrocchi")
    screen_all()
    assert ScreenedSubject.objects.get(user=user).state == "clear"
    return user


def found_out(first, last):
    """Say whether a name of the lists opens a hit when somebody of that name comes."""
    user = UserFactory(first_name=first, last_name=last)
    screen_all()
    return ScreenedSubject.objects.get(user=user).state == "open"


def looked_at(user, check_type):
    made = running.run_check(user_id=user.pk, check_type=check_type, reason="Asked", now=NOW)
    return made.status, made.check_results["screening"]


# Thresholds of risk ---------------------------------------------------------------------------------------------


@effect_of("risk_thresholds.daily_transaction_limit")
def _day(change):
    user = proven(UserFactory())
    before = says("daily_transaction_limit", about="top_up", amount="1000.01", user=user)
    change(2000)
    return before, says("daily_transaction_limit", about="top_up", amount="1000.01", user=user)


@effect_of("risk_thresholds.monthly_transaction_limit")
def _month(change):
    user = proven(UserFactory())
    change(500)
    before = says("monthly_transaction_limit", about="top_up", amount="500.01", user=user)
    change(501)
    return before, says("monthly_transaction_limit", about="top_up", amount="500.01", user=user)


@effect_of("risk_thresholds.suspicious_pattern_threshold")
def _pattern(change):
    def held(count):
        batch = make_batch(gifts(rich_players(1) * count, OnlusFactory()))
        batches.request_release(batch=batch, requested_by=batch.created_by, reason="The fair", now=NOW)
        return Review.objects.filter(subject_id=batch.pk).exists()

    before = held(6)
    change(6)
    return before, held(6)


@effect_of("risk_thresholds.high_risk_amount")
def _amount(change):
    before = says("high_risk_amount", amount="5000.00")
    change("5000.01")
    return before, says("high_risk_amount", amount="5000.00")


@effect_of("risk_thresholds.velocity_check_hours")
def _window(change):
    user = UserFactory()
    payments_failed(user, hours_ago=20)
    before = says("failed_payments", about="top_up", amount="10.00", user=user)
    change(12)
    return before, says("failed_payments", about="top_up", amount="10.00", user=user)


@effect_of("risk_thresholds.max_failed_attempts")
def _attempts(change):
    user = UserFactory()
    payments_failed(user, hours_ago=1)
    before = says("failed_payments", about="top_up", amount="10.00", user=user)
    change(4)
    return before, says("failed_payments", about="top_up", amount="10.00", user=user)


# Rules against money laundering ---------------------------------------------------------------------------------


@effect_of("aml_rules.single_transaction_threshold")
def _single(change):
    before = says("large_transaction_amount", amount="3000.01")
    change("3000.01")
    return before, says("large_transaction_amount", amount="3000.01")


@effect_of("aml_rules.daily_aggregate_threshold")
def _aggregate(change):
    user = UserFactory()
    gave(user, "900.00")
    change(1000)
    before = says("high_daily_aggregate", amount="100.01", user=user)
    change("1000.01")
    return before, says("high_daily_aggregate", amount="100.01", user=user)


@effect_of("aml_rules.structuring_detection_threshold")
def _structuring(change):
    user = UserFactory()
    gave(user, "2700.00", "2700.00")
    before = says("potential_structuring", amount="2700.00", user=user)
    change("0.91")
    return before, says("potential_structuring", amount="2700.00", user=user)


@effect_of("aml_rules.velocity_transactions_per_hour")
def _velocity(change):
    user = UserFactory()
    gave(user, "1.00")
    change(1)
    before = says("high_transaction_velocity", amount="1.00", user=user)
    change(2)
    return before, says("high_transaction_velocity", amount="1.00", user=user)


@effect_of("aml_rules.suspicious_countries")
def _countries(change):
    user = proven(UserFactory(), "IR")
    change(["IR"])
    before = says("suspicious_country", amount="1.00", user=user)
    change(["KP"])
    return before, says("suspicious_country", amount="1.00", user=user)


@effect_of("aml_rules.pep_screening_enabled")
def _pep(change):
    import_un()
    user = screened_clear()
    before = looked_at(user, "pep") == ("requires_review", "clear") and found_out("Ottavia", "Brandolini")
    change(False)
    assert looked_at(user, "pep") == ("requires_review", "off")
    return before, found_out("Ottavia", "Brandolini")


@effect_of("aml_rules.sanctions_screening_enabled")
def _sanctions(change):
    import_un()
    user = screened_clear()
    before = looked_at(user, "sanctions") == ("passed", "clear") and found_out(*LISTED)
    change(False)
    assert looked_at(user, "sanctions") == ("requires_review", "off")
    return before, found_out(*LISTED)


# What happens by itself -----------------------------------------------------------------------------------------


@effect_of("system_settings.auto_check_enabled")
def _auto(change):
    gave(UserFactory(), "5000.00")
    review = Review.objects.get()
    Review.objects.update(risk_level="high")
    change(False)
    after = watching.follow_review(review_id=review.pk, now=NOW)
    change(True)
    return watching.follow_review(review_id=review.pk, now=NOW) is not None, after is not None


@effect_of("system_settings.manual_review_required_threshold")
def _by_hand(change):
    make_rule("donation", "a_sign", action="score", score=60)
    user = UserFactory()

    def wait():
        movement = judging.Movement("donation", user.pk, user.pk, Decimal("30.00"))
        held = judging.judge(movement=movement, now=NOW).holds
        gave(user, "30.00")
        gift = user.donations.latest("created_at").pk
        made = running.run_check(
            user_id=user.pk, check_type="fraud", transaction_id=gift, reason="Asked", now=NOW
        )
        return held, made.status == "requires_review"

    change(59)
    before = wait()
    change(60)
    held, checked = wait()
    assert (before, held, checked) == ((True, True), True, False)
    return True, False


@effect_of("system_settings.escalation_threshold")
def _escalation(change):
    row = check(risk_level="medium")
    checks.escalate(check=row, decided_by=StaffFactory(), notes="Up", now=NOW)
    watching.warn(check_id=row.check_id, now=NOW)
    after = Alert.objects.exists()
    change(1)
    watching.warn(check_id=row.check_id, now=NOW)
    return Alert.objects.exists(), after


@effect_of("system_settings.check_expiration_days")
def _expiry(change):
    before = check().expires_at == NOW + timedelta(days=30)
    change(31)
    return before, check().expires_at == NOW + timedelta(days=30)


@effect_of("system_settings.notification_enabled")
def _notices(change):
    row = check()
    change(False)
    watching.warn(check_id=row.check_id, now=NOW)
    after = Alert.objects.exists()
    change(True)
    watching.warn(check_id=row.check_id, now=NOW)
    return Alert.objects.exists(), after


def test_no_setting_is_left_out():
    assert {*EFFECTS, FIXED} == set(operations.KEYS)


@pytest.mark.parametrize("path", sorted(EFFECTS))
def test_changing_it_changes_what_happens(path):
    section, key = path.split(".")

    def change(value):
        read = operations.KEYS[path](value)
        put(section, **{key: read})

    assert EFFECTS[path](change) == (True, False)


def test_the_trail_cannot_be_turned_off():
    with pytest.raises(operations.SettingNotValid):
        operations.read_changes({"system_settings": {"audit_logging_enabled": False}})


def test_screening_that_comes_back_finds_whom_nobody_compared():
    """Turned off by two people and on again by two; meanwhile an alert says so, and hits of before stay as they are."""
    import_pep()
    earlier = UserFactory(first_name="Teodoro", last_name="Malaspina")
    screen_all()
    switch(False)
    user = UserFactory(first_name="Ottavia", last_name="Brandolini")
    screen_all()
    assert ScreenedSubject.objects.filter(user=user, state="open").count() == 0
    assert Alert.objects.unresolved().filter(alert_type="screening_off").count() == 1

    switch(True)
    screen_all()

    assert {each.state for each in ScreenedSubject.objects.filter(user__in=[user, earlier])} == {"open"}
    assert not Alert.objects.unresolved().filter(alert_type="screening_off").exists()
    assert not ScreeningHit.objects.exclude(lost_in=None).exists()


def switch(on):
    changes = operations.read_changes({"aml_rules": {"pep_screening_enabled": on}})
    request = operations.request_change(
        changes=changes, requested_by=StaffFactory(), reason="Asked for", now=NOW
    )
    approvals.approve(request=request, decided_by=StaffFactory(), now=NOW)
    compliance_settings.forget()
