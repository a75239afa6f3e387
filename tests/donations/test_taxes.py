"""The maths of deductions, the rule of each day, and what donors tell the tax office."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from donations.models import DonorTaxProfile, TaxRule
from donations.operations import taxes
from donations.queries.taxes import Benefit, Gift, RuleBook, benefit
from goodplay.lib.audit.models import AuditEntry
from goodplay.lib.money import CENT, ZERO, to_cents
from goodplay.lib.time import rome_day
from tests.factories.accounts import StaffFactory, UserFactory
from tests.factories.donations import NOW
from tests.factories.receipts import ANNA, MARIO, tell_tax_data

EUROS = st.integers(1, 5_000_000).map(lambda cents: cents * CENT)
RATES = st.sampled_from([Decimal("0.26"), Decimal("0.30"), Decimal("0.35"), Decimal("0.20")])
CAPS = st.one_of(st.none(), st.just(Decimal("30000.00")), st.just(Decimal("20000.00")))
GIFTS = st.lists(st.builds(Gift, EUROS, RATES, CAPS), max_size=12)


def gift(paid, rate="0.30", cap="30000.00"):
    return Gift(Decimal(paid), Decimal(rate), Decimal(cap) if cap else None)


@pytest.mark.parametrize(
    ("gifts", "deductible", "saving"),
    [
        ([], "0.00", "0.00"),
        ([gift("50.00", "0.26")], "50.00", "13.00"),
        ([gift("50.00")], "50.00", "15.00"),
        ([gift("50.00", "0.35")], "50.00", "17.50"),
        ([gift("20000.00"), gift("10000.01")], "30000.00", "9000.00"),
        ([gift("20000.00"), gift("20000.00", "0.35")], "30000.00", "10000.00"),
        ([gift("0.01")] * 3, "0.03", "0.01"),
        ([gift("40000.00", cap=None)], "40000.00", "12000.00"),
    ],
)
def test_a_year_is_reckoned_with_the_best_rate_first(gifts, deductible, saving):
    assert benefit(gifts) == Benefit(Decimal(deductible), Decimal(saving))


@given(gifts=GIFTS)
def test_what_counts_is_never_more_than_was_paid_or_the_largest_cap(gifts):
    reckoned = benefit(gifts)

    paid = sum((each.paid for each in gifts), ZERO)
    assert ZERO <= reckoned.deductible <= paid
    if gifts and all(each.cap is not None for each in gifts):
        assert reckoned.deductible <= max(each.cap for each in gifts)
    best = max((each.rate for each in gifts), default=ZERO)
    assert ZERO <= reckoned.saving <= to_cents(reckoned.deductible * best)


@given(gifts=GIFTS, order=st.randoms())
def test_the_order_of_gifts_changes_nothing_under_one_cap(gifts, order):
    same = [Gift(each.paid, each.rate, Decimal("30000.00")) for each in gifts]
    shuffled = list(same)
    order.shuffle(shuffled)

    assert benefit(same) == benefit(shuffled)


@given(gifts=GIFTS, more=st.builds(Gift, EUROS, RATES, CAPS))
def test_giving_more_never_saves_less_under_one_cap(gifts, more):
    capped = [Gift(each.paid, each.rate, Decimal("30000.00")) for each in (*gifts, more)]

    less, all_of_it = benefit(capped[:-1]), benefit(capped)

    assert all_of_it.saving >= less.saving
    assert all_of_it.deductible >= less.deductible


@pytest.mark.parametrize(
    ("day", "section", "rate"),
    [
        (date(2014, 12, 31), "", None),
        (date(2015, 1, 1), "", "0.26"),
        (date(2017, 12, 31), "odv", "0.26"),
        (date(2018, 1, 1), "", "0.30"),
        (date(2018, 1, 1), "odv", "0.35"),
        (date(2026, 3, 4), "aps", "0.30"),
        (date(2026, 3, 4), "odv", "0.35"),
        (date(2026, 3, 4), "impresa_sociale", "0"),
    ],
)
@pytest.mark.django_db
def test_the_rule_is_that_of_the_day_and_of_the_section(day, section, rate):
    rule = RuleBook("IT").rule(day=day, section=section)

    assert (rule.deduction_rate if rule else None) == (Decimal(rate) if rate is not None else None)


def new_rule(**changes):
    old = RuleBook("IT").rule(day=date(2026, 3, 4))
    kept = ("organisation_types", "documentation", "special_limits", "texts", "rate_key", "retention_years")
    columns = {
        **{name: getattr(old, name) for name in kept},
        "jurisdiction": "IT",
        "runts_section": "",
        "valid_from": date(2027, 1, 1),
        "valid_until": None,
        "deduction_rate": Decimal("0.40"),
        "annual_cap": Decimal("30000.00"),
        "income_share": None,
        "income_share_instead": False,
        "minimum_amount": ZERO,
        "traceable_only": True,
        "method": "italy_deduction_40_percent",
        "law": "art. 83",
    }
    return taxes.add_rule(
        actor=StaffFactory(), reason="Budget law 2027", address="::1", now=NOW, **{**columns, **changes}
    )


@pytest.mark.django_db
def test_a_new_rule_begins_on_its_day_and_is_on_the_trail():
    rule = new_rule()

    book = RuleBook("IT")
    assert book.rule(day=date(2026, 12, 31)).deduction_rate == Decimal("0.30")
    assert book.rule(day=date(2027, 1, 1)) == rule
    assert book.rule(day=date(2027, 1, 1), section="odv").deduction_rate == Decimal("0.35")
    entry = AuditEntry.objects.get(action="add tax rule")
    assert (entry.target_id, entry.reason, entry.after["deduction_rate"]) == (
        str(rule.pk),
        "Budget law 2027",
        "0.40",
    )


@pytest.mark.django_db
def test_a_rule_still_ahead_is_corrected_by_a_version():
    new_rule()

    mended = new_rule(deduction_rate=Decimal("0.45"))

    assert mended.version == 2
    assert RuleBook("IT").rule(day=date(2027, 6, 1)) == mended


@pytest.mark.parametrize("days", [0, -1, -400])
@pytest.mark.django_db
def test_no_rule_reaches_into_days_that_have_begun(days):
    known = TaxRule.objects.count()

    with pytest.raises(taxes.RuleNotAhead):
        new_rule(valid_from=rome_day(NOW) + timedelta(days=days))

    assert TaxRule.objects.count() == known
    assert not AuditEntry.objects.exists()


@pytest.mark.django_db
def test_a_rule_never_changes():
    with pytest.raises(Exception, match="append-only"), transaction.atomic():
        TaxRule.objects.update(deduction_rate=1)


@pytest.mark.parametrize(
    "changes",
    [
        {"deduction_rate": Decimal("1.01")},
        {"income_share": Decimal("-0.01")},
        {"annual_cap": ZERO},
        {"valid_until": date(2027, 1, 1)},
    ],
)
@pytest.mark.django_db
def test_impossible_rules_are_refused(changes):
    with pytest.raises(IntegrityError), transaction.atomic():
        new_rule(**changes)


# Donors ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "stored", "is_individual"),
    [
        (MARIO, MARIO, True),
        (" rss mra 80a01 h501u ", MARIO, True),
        ("00743110157", "00743110157", False),
        ("", "", False),
        ("   ", "", False),
    ],
)
@pytest.mark.django_db
def test_a_codice_fiscale_is_checked_and_written_one_way(sent, stored, is_individual):
    profile = tell_tax_data(UserFactory(), sent)

    profile.refresh_from_db()
    assert (profile.tax_code, profile.is_individual) == (stored, is_individual)


@pytest.mark.parametrize(
    "sent", ["RSSMRA80A01H501X", "12345678901", "RSSMRA80A01H50", "A" * 16, "٠٠٧٤٣١١٠١٥٧"]
)
@pytest.mark.django_db
def test_a_false_codice_fiscale_is_refused(sent):
    with pytest.raises(taxes.TaxCodeInvalid):
        tell_tax_data(UserFactory(), sent)

    assert not DonorTaxProfile.objects.exists()


@pytest.mark.django_db
def test_a_change_is_a_new_row_and_no_change_is_none():
    donor = UserFactory()
    first = tell_tax_data(donor)

    assert tell_tax_data(donor) == first
    second = tell_tax_data(donor, ANNA)

    first.refresh_from_db()
    assert (first.is_current, second.is_current) == (False, True)
    assert donor.tax_profiles.count() == 2


@pytest.mark.django_db
def test_two_people_may_share_a_codice_fiscale_of_a_family_account():
    tell_tax_data(UserFactory())
    tell_tax_data(UserFactory())

    assert DonorTaxProfile.objects.filter(is_current=True).count() == 2
