"""The rule engine, pure: what rules may say, and that no further sign ever makes a decision milder."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from donations.rules.conditions import ConditionsInvalid, FactMissing, parse, settings_named
from donations.rules.engine import Action, Levels, Rule, decide

LEVELS = Levels()
SETTINGS = {"aml_rules.single_transaction_threshold": Decimal(3000)}
SEVERITY = {Action.ALLOW: 0, Action.REVIEW: 1, Action.BLOCK: 2}


def read(raw, subject="donation"):
    return parse(raw, subject=subject, number=SETTINGS.__getitem__)


def compared(fact="amount", operator="gt", threshold="100"):
    return {"fact": fact, "operator": operator, "threshold": threshold}


def rule(code="a", raw=None, **columns):
    defaults = {"version": 1, "action": "score", "score": 10}
    return Rule(code=code, condition=read(raw or compared()), **defaults | columns)


@pytest.mark.parametrize(
    ("operator", "threshold", "value", "holds"),
    [
        ("gt", "100", "100.00", False),
        ("gt", "100", "100.01", True),
        ("gte", "100", "100.00", True),
        ("lt", 100, "99.99", True),
        ("lte", "100", "100.01", False),
        ("eq", "100", "100.00", True),
        ("ne", "100", "100.00", False),
        ("between", ["2700", "3000"], "2700.00", True),
        ("between", ["2700", "3000"], "3000.01", False),
        ("in", ["5", "10"], "10.00", True),
    ],
)
def test_a_comparison_holds_to_the_cent(operator, threshold, value, holds):
    found = read(compared(operator=operator, threshold=threshold)).holds({"amount": Decimal(value)})

    assert (found is not None) == holds


def test_a_threshold_may_name_a_setting():
    raw = compared(threshold={"setting": "aml_rules.single_transaction_threshold"})

    seen = read(raw).holds({"amount": Decimal("3000.01")})

    assert (seen[0].value, seen[0].threshold) == ("3000.01", "3000")
    assert settings_named({"all": [raw]}) == {"aml_rules.single_transaction_threshold"}


@pytest.mark.parametrize(
    "raw",
    [
        None,
        [],
        {},
        {"all": []},
        {"all": [compared()], "any": [compared()]},
        compared(fact="__class__"),
        compared(fact="multiplier"),  # a session's
        compared(operator="exec"),
        compared(threshold="import os"),
        compared(threshold=True),
        compared(threshold="NaN"),
        compared(threshold="Infinity"),
        compared(threshold={"setting": "nothing.here"}),
        compared(operator="between", threshold=["5", "1"]),
        compared(operator="between", threshold="15"),
        {**compared(), "then": "allow"},
        {"all": [{"all": [{"all": [{"all": [compared()]}]}]}]},
        {"any": [compared()] * 21},
        compared(fact="origin", operator="gt", threshold="batch"),
    ],
)
def test_what_is_no_condition_is_refused(raw):
    with pytest.raises(ConditionsInvalid):
        read(raw)


def test_all_wants_every_part_and_any_wants_one():
    parts = [compared(), compared(fact="hour", operator="lt", threshold=4)]
    noon = {"amount": Decimal(200), "hour": 12}

    assert read({"all": parts}).holds(noon) is None
    assert [each.fact for each in read({"any": parts}).holds(noon)] == ["amount"]


def test_a_fact_nobody_gathered_is_no_harmless_fact():
    with pytest.raises(FactMissing):
        decide(facts={}, rules=[rule()], levels=LEVELS)


def test_a_weak_sign_alone_means_nothing():
    night = rule("night", compared("hour", "lt", 4), is_weak=True, score=100)

    alone = decide(facts={"hour": 3}, rules=[night], levels=LEVELS)
    beside = decide(facts={"hour": 3, "amount": Decimal(101)}, rules=[night, rule()], levels=LEVELS)

    assert alone.is_plain_allow
    assert (beside.action, beside.score) == (Action.REVIEW, 100)


def test_a_rule_on_trial_says_and_does_nothing():
    loud = rule(action="block", score=100, is_on_trial=True)

    decision = decide(facts={"amount": Decimal(101)}, rules=[loud], levels=LEVELS)

    assert (decision.action, decision.score, len(decision.shadow_reasons)) == (Action.ALLOW, 0, 1)


@pytest.mark.parametrize(
    ("score", "level"),
    [(0, "low"), (29, "low"), (30, "medium"), (49, "medium"), (50, "high"), (69, "high"), (70, "critical")],
)
def test_the_scale_of_risk(score, level):
    assert LEVELS.of(score) == level


SPEAKING = st.builds(
    lambda number, action, score, weak, trial: rule(
        f"r{number}",
        action="score" if weak else action,
        score=score,
        is_weak=weak,
        is_on_trial=trial,
    ),
    st.integers(0, 10**6),
    st.sampled_from(["score", "review", "block"]),
    st.integers(0, 100),
    st.booleans(),
    st.booleans(),
)


@given(rules=st.lists(SPEAKING, max_size=8), more=SPEAKING, amount=st.decimals(0, 500, places=2))
def test_one_more_rule_never_makes_a_decision_milder(rules, more, amount):
    facts = {"amount": amount}

    before = decide(facts=facts, rules=rules, levels=LEVELS)
    after = decide(facts=facts, rules=[*rules, more], levels=LEVELS)

    assert SEVERITY[after.action] >= SEVERITY[before.action]
    assert 100 >= after.score >= before.score


@given(data=st.data(), rules=st.lists(SPEAKING, max_size=6, unique_by=lambda each: each.code))
def test_the_order_of_the_rules_changes_nothing(data, rules):
    facts = {"amount": Decimal(200)}
    shuffled = data.draw(st.permutations(rules))

    assert decide(facts=facts, rules=rules, levels=LEVELS) == decide(
        facts=facts, rules=shuffled, levels=LEVELS
    )
