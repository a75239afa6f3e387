"""Taxes over the API: the donor's data, and what the rules say about a gift."""

import pytest
import time_machine

from accounts.models import Onlus
from donations.models import DonorTaxProfile
from tests.factories.accounts import OnlusFactory, UserFactory
from tests.factories.donations import NOW, let_pass, make_donation, take_back
from tests.factories.receipts import MARIO, give_own_money, registered_onlus, tell_tax_data

pytestmark = pytest.mark.django_db
PROFILE = "/api/donations/tax/profile"
VALIDATE = "/api/donations/tax/validate"
BENEFIT = "/api/donations/tax/benefit/calculate"
REQUIREMENTS = "/api/donations/tax/requirements"


@pytest.fixture(autouse=True)
def today():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def alice(api):
    player = UserFactory()
    api.force_authenticate(player)
    return player


def refused(answer, status, constant):
    return (answer.status_code, answer.json()["message"]) == (status, constant)


# The donor's data --------------------------------------------------------------------------------------------------


def test_nothing_said_is_empty_and_shares_nothing(api, alice):
    data = api.get(PROFILE).json()["data"]

    assert (data["tax_code"], data["shares_with_onlus"]) == ("", False)


def test_tax_data_are_stored_and_shown_to_their_owner_only(api, alice):
    body = {
        "tax_code": "rssmra80a01h501u",
        "legal_name": "Mario Rossi",
        "address": "Via Roma 1, Trento",
        "shares_with_onlus": True,
    }

    answer = api.put(PROFILE, body)

    assert (answer.status_code, answer.json()["message"]) == (200, "TAX_PROFILE_UPDATED")
    stored = api.get(PROFILE).json()["data"]
    assert stored == {**body, "tax_code": MARIO, "is_individual": True}
    api.force_authenticate(UserFactory())
    assert api.get(PROFILE).json()["data"]["tax_code"] == ""


@pytest.mark.parametrize(
    ("body", "constant"),
    [
        ({"tax_code": MARIO}, "SHARES_WITH_ONLUS_REQUIRED"),
        ({"tax_code": MARIO, "shares_with_onlus": None}, "SHARES_WITH_ONLUS_REQUIRED"),
        ({"tax_code": "RSSMRA80A01H501X", "shares_with_onlus": True}, "TAX_CODE_INVALID"),
        ({"tax_code": 7, "shares_with_onlus": True}, "TAX_CODE_INVALID"),
        ({"tax_code": [MARIO], "shares_with_onlus": True}, "TAX_CODE_INVALID"),
        ({"tax_code": "x" * 21, "shares_with_onlus": True}, "TAX_CODE_INVALID"),
        ({"legal_name": "x" * 151, "shares_with_onlus": True}, "LEGAL_NAME_INVALID"),
        ({"address": "x" * 251, "shares_with_onlus": True}, "ADDRESS_INVALID"),
    ],
)
def test_false_tax_data_change_nothing(api, alice, body, constant):
    tell_tax_data(alice)

    assert refused(api.put(PROFILE, body), 422, constant)
    assert DonorTaxProfile.objects.get().tax_code == MARIO


def test_what_is_left_out_is_empty_from_then_on(api, alice):
    tell_tax_data(alice, address="Via Roma 1")

    api.put(PROFILE, {"tax_code": None, "shares_with_onlus": False})

    data = api.get(PROFILE).json()["data"]
    assert data == {
        "tax_code": "",
        "legal_name": "",
        "address": "",
        "is_individual": False,
        "shares_with_onlus": False,
    }


# May it be deducted? -----------------------------------------------------------------------------------------------


def test_a_gift_to_an_organisation_of_the_register_counts(api, alice):
    answer = api.post(VALIDATE, {"amount": 50, "onlus_id": str(registered_onlus().pk)})

    body = answer.json()
    assert (answer.status_code, body["message"]) == (200, "TAX_DEDUCTIBILITY_VALIDATED")
    data = body["data"]
    assert (data["is_deductible"], data["organization_qualified"], data["jurisdiction"]) == (True, True, "IT")
    assert (data["deductible_amount"], data["tax_year"], data["receipt_retention_years"]) == (50.0, 2026, 6)
    assert data["rules_applied"] == {
        "min_amount_check": True,
        "annual_limit_check": True,
        "organization_check": True,
    }
    assert data["law_reference"] == "art. 83 D.Lgs. 117/2017"
    assert data["conditions"] == ["OWN_MONEY_ONLY", "TRACEABLE_MEANS"]


def test_there_is_no_minimum_in_italy(api, alice):
    answer = api.post(VALIDATE, {"amount": "0.01", "onlus_id": str(registered_onlus().pk)})

    assert answer.json()["data"]["deductible_amount"] == 0.01


@pytest.mark.parametrize(
    ("columns", "jurisdiction", "reason"),
    [
        ({"section": "aps", "runts_number": ""}, "IT", "NOT_IN_THE_REGISTER"),
        ({"section": ""}, "IT", "NOT_IN_THE_REGISTER"),
        ({"section": "impresa_sociale"}, "IT", "SECTION_NOT_DEDUCTIBLE"),
        ({"section": "odv"}, "US", "ORGANISATION_TYPE_NOT_RECOGNISED"),
    ],
)
def test_an_organisation_that_does_not_qualify_says_why(api, alice, columns, jurisdiction, reason):
    onlus = registered_onlus(**columns)

    answer = api.post(VALIDATE, {"amount": 50, "onlus_id": str(onlus.pk), "jurisdiction": jurisdiction})

    assert refused(answer, 422, "ORGANIZATION_NOT_TAX_QUALIFIED")
    data = answer.json()["data"]
    assert (data["is_qualified"], data["qualification_reason"]) == (False, reason)
    assert data["organization_details"]["onlus_id"] == str(onlus.pk)


def test_the_limit_counts_own_money_of_this_year_that_was_not_given_back(api, alice):
    onlus = registered_onlus()
    for _ in range(3):
        give_own_money(alice, onlus, "9000.00", earned="100.00")
    let_pass(make_donation(alice, onlus, "5000.00"))
    take_back(give_own_money(alice, onlus, "800.00"))

    fits = api.post(VALIDATE, {"amount": 3000, "onlus_id": str(onlus.pk)})
    too_much = api.post(VALIDATE, {"amount": "3000.01", "onlus_id": str(onlus.pk)})

    assert fits.status_code == 200
    assert refused(too_much, 422, "ANNUAL_DEDUCTIBLE_LIMIT_EXCEEDED")
    assert too_much.json()["data"] == {
        "annual_limit": 30000.0,
        "current_annual_donated": 27000.0,
        "requested_amount": 3000.01,
        "available_deductible": 3000.0,
    }


def test_elsewhere_there_is_a_minimum(api, alice):
    answer = api.post(
        VALIDATE, {"amount": "0.99", "onlus_id": str(registered_onlus().pk), "jurisdiction": "EU"}
    )

    assert refused(answer, 422, "AMOUNT_BELOW_MINIMUM_DEDUCTIBLE")
    assert answer.json()["data"] == {"minimum_amount": 1.0, "provided_amount": 0.99}


@pytest.mark.parametrize(
    ("changes", "status", "constant"),
    [
        ({"amount": 0}, 422, "INVALID_AMOUNT"),
        ({"amount": -5}, 422, "INVALID_AMOUNT"),
        ({"amount": "1.001"}, 422, "INVALID_AMOUNT"),
        ({"amount": True}, 422, "INVALID_AMOUNT"),
        ({"amount": None}, 422, "INVALID_AMOUNT"),
        ({"onlus_id": None}, 422, "ONLUS_ID_REQUIRED"),
        ({"onlus_id": "x"}, 422, "ONLUS_NOT_FOUND"),
        ({"onlus_id": "00000000-0000-0000-0000-000000000001"}, 404, "ONLUS_NOT_FOUND"),
        ({"jurisdiction": "UK"}, 422, "TAX_JURISDICTION_NOT_SUPPORTED"),
        ({"jurisdiction": "OTHER"}, 422, "TAX_JURISDICTION_NOT_SUPPORTED"),
        ({"jurisdiction": None}, 422, "TAX_JURISDICTION_NOT_SUPPORTED"),
    ],
)
def test_validating_refuses_what_does_not_fit(api, alice, changes, status, constant):
    body = {"amount": 50, "onlus_id": str(registered_onlus().pk)} | changes

    assert refused(api.post(VALIDATE, body), status, constant)


@pytest.mark.parametrize("path", [VALIDATE, BENEFIT])
def test_an_empty_body_is_refused(api, alice, path):
    assert refused(api.post(path, {}), 400, "DATA_REQUIRED")


def test_an_organisation_that_is_not_public_does_not_exist(api, alice):
    hidden = OnlusFactory(status=Onlus.Status.UNDER_REVIEW)

    assert refused(api.post(VALIDATE, {"amount": 5, "onlus_id": str(hidden.pk)}), 404, "ONLUS_NOT_FOUND")


# What does it save? ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("section", "day", "saving", "rate", "method"),
    [
        (None, None, 15.0, 0.3, "italy_deduction_30_percent"),
        ("aps", None, 15.0, 0.3, "italy_deduction_30_percent"),
        ("odv", None, 17.5, 0.35, "italy_deduction_35_percent_odv"),
        (None, "2017-12-31", 13.0, 0.26, "italy_deduction_26_percent"),
        ("odv", "2017-12-31", 13.0, 0.26, "italy_deduction_26_percent"),
        (None, "2018-01-01", 15.0, 0.3, "italy_deduction_30_percent"),
    ],
)
def test_estimated_saving_on_50(api, alice, section, day, saving, rate, method):
    body = {"amount": 50}
    if section:
        body["onlus_id"] = str(registered_onlus(section).pk)
    if day:
        body["donation_date"] = day

    answer = api.post(BENEFIT, body)

    data = answer.json()["data"]
    assert answer.json()["message"] == "TAX_BENEFIT_CALCULATED"
    assert (data["estimated_deduction"], data["estimated_tax_savings"]) == (50.0, saving)
    assert (data["tax_deduction_rate"], data["rate"], data["calculation_method"]) == (rate, rate, method)
    assert f'"estimated_tax_savings":{saving:.2f}' in answer.content.decode()


@pytest.mark.parametrize(
    ("jurisdiction", "saving", "rate_key", "rate"),
    [("EU", 10.0, "tax_relief_rate", 0.2), ("US", 11.0, "estimated_marginal_rate", 0.22)],
)
def test_estimates_elsewhere(api, alice, jurisdiction, saving, rate_key, rate):
    data = api.post(BENEFIT, {"amount": 50, "jurisdiction": jurisdiction}).json()["data"]

    assert (data["estimated_tax_savings"], data[rate_key]) == (saving, rate)


def test_a_known_income_limits_the_estimate_elsewhere_and_offers_another_way_in_italy(api, alice):
    body = {"amount": 500, "user_income": 1000}

    italian = api.post(BENEFIT, body).json()["data"]
    american = api.post(BENEFIT, {**body, "amount": 700, "jurisdiction": "US"}).json()["data"]

    assert (italian["estimated_deduction"], italian["income_deduction"]) == (500.0, 100.0)
    assert (american["estimated_deduction"], american["estimated_tax_savings"]) == (600.0, 132.0)
    assert american["income_deduction"] is None


def test_refusals_of_the_estimate_carry_no_data(api, alice):
    answer = api.post(BENEFIT, {"amount": "30000.01"})

    assert refused(answer, 422, "ANNUAL_DEDUCTIBLE_LIMIT_EXCEEDED")
    assert "data" not in answer.json()


@pytest.mark.parametrize(
    ("changes", "constant"),
    [
        ({"amount": "NaN"}, "INVALID_AMOUNT"),
        ({"user_income": "much"}, "INVALID_AMOUNT"),
        ({"donation_date": "tomorrow"}, "INVALID_DATE"),
        ({"donation_date": "2014-12-31"}, "TAX_JURISDICTION_NOT_SUPPORTED"),
        ({"onlus_id": "x"}, "ONLUS_NOT_FOUND"),
    ],
)
def test_the_estimate_refuses_what_does_not_fit(api, alice, changes, constant):
    assert refused(api.post(BENEFIT, {"amount": 50} | changes), 422, constant)


# What is needed? ---------------------------------------------------------------------------------------------------


def test_the_requirements_of_italy(api, alice):
    body = api.get(REQUIREMENTS).json()

    assert body["message"] == "TAX_REQUIREMENTS_RETRIEVED"
    data = body["data"]
    assert data["annual_limits"] == {"max_deductible": 30000.0, "max_income_percentage": 10}
    assert (data["jurisdiction"], data["min_amount_for_receipt"], data["receipt_retention_years"]) == (
        "IT",
        0.0,
        6,
    )
    assert data["documentation_required"] == ["RECEIPT", "PROOF_OF_TRACEABLE_PAYMENT"]
    assert any("RUNTS" in rule for rule in data["requirements_details"]["special_rules"])


def test_the_requirements_speak_italian(api, alice):
    data = api.get(REQUIREMENTS, headers={"accept-language": "it"}).json()["data"]

    assert any("RUNTS" in rule and "L'ente" in rule for rule in data["requirements_details"]["special_rules"])


@pytest.mark.parametrize(
    ("jurisdiction", "most", "share", "years", "limits"),
    [("EU", 20000.0, 8, 5, {}), ("US", None, 60, 3, {"cash": "0.60", "property": "0.30"})],
)
def test_the_requirements_elsewhere(api, alice, jurisdiction, most, share, years, limits):
    data = api.get(REQUIREMENTS, {"jurisdiction": jurisdiction}).json()["data"]

    assert data["annual_limits"] == {"max_deductible": most, "max_income_percentage": share}
    assert (data["receipt_retention_years"], data["special_limits"]) == (years, limits)


@pytest.mark.parametrize("jurisdiction", ["UK", "OTHER", "it"])
def test_a_jurisdiction_without_rules_is_refused(api, alice, jurisdiction):
    answer = api.get(REQUIREMENTS, {"jurisdiction": jurisdiction})

    assert refused(answer, 422, "TAX_JURISDICTION_NOT_SUPPORTED")


@pytest.mark.parametrize(
    ("method", "path"),
    [("get", PROFILE), ("put", PROFILE), ("post", VALIDATE), ("post", BENEFIT), ("get", REQUIREMENTS)],
)
def test_strangers_are_turned_away(api, method, path):
    assert getattr(api, method)(path).status_code == 401
