from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from donations.models import ConversionRate
from donations.queries import rates
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db
RATES = "/api/conversion-rates"
WEDNESDAY = datetime(2026, 3, 4, 12, tzinfo=UTC)
SATURDAY = datetime(2026, 3, 7, 12, tzinfo=UTC)
FLAGS = {
    "is_tournament": "is_tournament_mode",
    "is_challenge": "is_challenge_mode",
    "has_daily_streak": "has_daily_streak",
    "special_event_active": "special_event_active",
    "is_first_time": "is_first_time_player",
}
# What the specification freezes: minutes, moment, flags, loyalty, factor, credits.
EXAMPLES = [
    (5, WEDNESDAY, [], 0, 1.0, 0.05),
    (10, WEDNESDAY, ["is_tournament"], 0, 2.0, 0.2),
    (10, SATURDAY, [], 0, 1.1, 0.11),
    (30, SATURDAY, ["is_challenge"], 0, 1.6, 0.48),
    (10, SATURDAY, ["special_event_active", "is_first_time"], 0, 4.1, 0.41),
    (10, SATURDAY, ["is_tournament"], 0, 2.1, 0.21),
    (10, SATURDAY, list(FLAGS), 3, 6.1, 0.61),
    (10, WEDNESDAY, [], 2, 1.0, 0.1),
    (1.4, WEDNESDAY, ["is_tournament"], 0, 2.0, 0.03),  # 84 s: rounded once
]


@pytest.fixture(autouse=True)
def alice(api):
    api.force_authenticate(UserFactory())


@pytest.fixture(autouse=True)
def wednesday():
    with time_machine.travel(WEDNESDAY, tick=False) as clock:
        yield clock


@pytest.mark.parametrize(("minutes", "moment", "flags", "loyalty", "factor", "credits"), EXAMPLES)
def test_every_route_reckons_the_frozen_examples(
    api, wednesday, minutes, moment, flags, loyalty, factor, credits
):
    wednesday.move_to(moment)
    query = {"duration_minutes": minutes, "loyalty_level": loyalty, **dict.fromkeys(flags, "true")}
    context = {"user_loyalty_level": loyalty, **{FLAGS[flag]: True for flag in flags}}
    scenario = {"duration_minutes": minutes, "context": context}

    estimate = api.get(f"{RATES}/calculator", query).json()["data"]
    shown = api.get(f"{RATES}/multipliers", query).json()["data"]
    breakdown = api.post(f"{RATES}/breakdown", scenario).json()["data"]
    [simulated] = api.post(f"{RATES}/simulation", {"scenarios": [scenario]}).json()["data"]["results"]

    assert (estimate["total_multiplier"], estimate["credits_with_multipliers"]) == (factor, credits)
    assert shown["total_multiplier"] == factor
    assert (breakdown["total_multiplier"], breakdown["final_credits"]) == (factor, credits)
    assert (simulated["total_multiplier"], simulated["credits_with_multipliers"]) == (factor, credits)
    assert estimate["active_multipliers"] == shown["active_multipliers"] == breakdown["active_multipliers"]


def test_the_card_shows_what_all_bonuses_give_together(api):
    data = api.get(RATES).json()["data"]

    assert (data["max_possible_multiplier"], data["is_active"], data["is_currently_valid"]) == (
        6.1,
        True,
        True,
    )
    assert len(data["multipliers"]) == 7


def test_no_card_in_force_is_404_everywhere(api):
    ConversionRate.objects.update(is_active=False)
    rates.forget_cards()
    scenario = {"duration_minutes": 1}

    for answer in (
        api.get(RATES),
        api.get(f"{RATES}/calculator", scenario),
        api.get(f"{RATES}/multipliers"),
        api.post(f"{RATES}/breakdown", scenario),
        api.post(f"{RATES}/simulation", {"scenarios": [scenario]}),
    ):
        assert (answer.status_code, answer.json()["message"]) == (404, "CONVERSION_RATE_NOT_AVAILABLE")


def test_an_estimate_has_the_shape_clients_know(api):
    answer = api.get(f"{RATES}/calculator", {"duration_minutes": "12.5", "is_challenge": "true"}).json()

    assert answer == {
        "success": True,
        "message": "CREDIT_ESTIMATION_SUCCESS",
        "data": {
            "duration_minutes": 12.5,
            "base_credits": 0.13,
            "credits_with_multipliers": 0.19,
            "active_multipliers": ["challenge"],
            "total_multiplier": 1.5,
            "base_rate": 0.01,
        },
    }


def test_a_flag_is_on_only_when_it_says_true(api):
    query = {"duration_minutes": 10, "is_tournament": "1", "is_challenge": "True", "is_first_time": "yes"}

    assert api.get(f"{RATES}/calculator", query).json()["data"]["active_multipliers"] == []


@pytest.mark.parametrize(
    ("query", "constant"),
    [
        ({}, "DURATION_MINUTES_REQUIRED"),
        ({"duration_minutes": "0"}, "INVALID_DURATION"),
        ({"duration_minutes": "-1"}, "INVALID_DURATION"),
        ({"duration_minutes": "1440.001"}, "INVALID_DURATION"),
        ({"duration_minutes": "NaN"}, "INVALID_DURATION"),
        ({"duration_minutes": "Infinity"}, "INVALID_DURATION"),
        ({"duration_minutes": "an hour"}, "INVALID_DURATION"),
        ({"duration_minutes": "1", "loyalty_level": "high"}, "INVALID_LOYALTY_LEVEL"),
    ],
)
def test_the_calculator_refuses_what_does_not_fit(api, query, constant):
    answer = api.get(f"{RATES}/calculator", query)

    assert (answer.status_code, answer.json()["message"]) == (422, constant)


def test_multipliers_name_their_factors(api):
    query = {"has_daily_streak": "true", "loyalty_level": 5}

    assert api.get(f"{RATES}/multipliers", query).json()["data"] == {
        "active_multipliers": ["daily_streak", "loyalty"],
        "total_multiplier": 1.5,
        "base_rate": 0.01,
        "multiplier_details": {"daily_streak": 1.2, "loyalty": 1.3},
    }


def test_a_breakdown_says_what_each_bonus_adds(api):
    body = {"duration_minutes": 10, "context": {"is_tournament_mode": True, "has_daily_streak": True}}

    assert api.post(f"{RATES}/breakdown", body).json()["data"] == {
        "duration_minutes": 10,
        "base_rate_eur_per_minute": 0.01,
        "base_credits": 0.1,
        "active_multipliers": ["tournament", "daily_streak"],
        "multiplier_breakdown": {
            "tournament": {"multiplier_value": 2.0, "credit_contribution": 0.1, "percentage_boost": 100.0},
            "daily_streak": {"multiplier_value": 1.2, "credit_contribution": 0.02, "percentage_boost": 20.0},
        },
        "total_multiplier": 2.2,
        "final_credits": 0.22,
        "bonus_credits": 0.12,
    }


@pytest.mark.parametrize(
    ("body", "status", "constant"),
    [
        ({}, 400, "DATA_REQUIRED"),
        ({"context": {"is_tournament_mode": True}}, 422, "INVALID_DURATION"),
        ({"duration_minutes": True}, 422, "INVALID_DURATION"),
        ({"duration_minutes": 1441}, 422, "INVALID_DURATION"),
    ],
)
def test_a_breakdown_refuses_what_does_not_fit(api, body, status, constant):
    answer = api.post(f"{RATES}/breakdown", body)

    assert (answer.status_code, answer.json()["message"]) == (status, constant)


def test_a_card_without_a_multiplier_adds_nothing_for_it(api):
    ConversionRate.objects.filter(rate_id="default").update(multipliers={"weekend": "1.1"})
    rates.forget_cards()

    data = api.get(f"{RATES}/calculator", {"duration_minutes": 10, "is_tournament": "true"}).json()["data"]

    assert (data["active_multipliers"], data["credits_with_multipliers"]) == ([], 0.1)


def test_a_simulation_reckons_each_scenario_by_itself(api):
    scenarios = [
        {"name": "cup", "duration_minutes": 10, "context": {"is_tournament_mode": True}},
        {"name": "endless", "duration_minutes": 1e9},
        "nonsense",
        {"duration_minutes": 1, "context": "none"},
    ]

    data = api.post(f"{RATES}/simulation", {"scenarios": scenarios}).json()["data"]

    first, *failed = data.pop("results")
    assert data == {"total_scenarios": 4, "successful_calculations": 1, "failed_calculations": 3}
    assert (first["scenario_index"], first["scenario_name"], first["credits_with_multipliers"]) == (
        0,
        "cup",
        0.2,
    )
    assert failed == [
        {"scenario_index": 1, "scenario_name": "endless", "error": "INVALID_DURATION"},
        {"scenario_index": 2, "error": "INVALID_SCENARIO"},
        {"scenario_index": 3, "error": "INVALID_SCENARIO"},
    ]


@pytest.mark.parametrize(
    ("body", "status", "constant"),
    [
        ({}, 400, "DATA_REQUIRED"),
        ({"scenarios": []}, 422, "SIMULATION_SCENARIOS_REQUIRED"),
        ({"scenarios": "ten minutes"}, 422, "SIMULATION_SCENARIOS_REQUIRED"),
        ({"cases": [1]}, 422, "SIMULATION_SCENARIOS_REQUIRED"),
        ({"scenarios": [{"duration_minutes": 1}] * 51}, 422, "SIMULATION_TOO_MANY_SCENARIOS"),
    ],
)
def test_a_simulation_refuses_what_does_not_fit(api, body, status, constant):
    answer = api.post(f"{RATES}/simulation", body)

    assert (answer.status_code, answer.json()["message"]) == (status, constant)


@pytest.mark.parametrize("count", [1, 3])
def test_history_lists_all_versions_in_two_queries(api, count, django_assert_num_queries):
    for number in range(count):
        ConversionRate.objects.create(
            rate_id="old",
            version=number + 1,
            base_rate="0.02",
            multipliers={},
            is_active=False,
            valid_from=WEDNESDAY + timedelta(days=number),
            created_at=WEDNESDAY,
        )
    rates.current_rate(WEDNESDAY)  # cached

    with django_assert_num_queries(2):
        answer = api.get(f"{RATES}/history?limit=2").json()

    assert answer["message"] == "RATE_HISTORY_PLACEHOLDER"
    data = answer["data"]
    assert data["rates"][0]["version"] == count
    assert data["pagination"]["total_items"] == count + 1
    assert data["current_rate_info"]["rate_id"] == "default"
    assert data["message"].endswith(".")
