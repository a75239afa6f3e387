"""Columns of JSON on pages of the back office are read as tables, by people."""

from decimal import Decimal

import pytest
from django.utils import timezone

from donations.operations.compliance import checks
from goodplay.lib.admin.facts import told
from tests.factories.accounts import StaffFactory, UserFactory


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({}, "-"),
        ([], "-"),
        (None, "-"),
        (0, "0"),
        (["4242", "1881"], "4242, 1881"),
        ({"a_b": True}, '<table class="facts"><tr><th scope="row">a b</th><td>Yes</td></tr></table>'),
        ([[1, 2]], '<ul class="facts"><li>1, 2</li></ul>'),
    ],
)
def test_facts_are_told_in_words(value, words):
    assert str(told(value)) == words


def test_nothing_in_facts_becomes_markup():
    assert "<b>" not in told({"<b>": ["<b>", {"deep": "<b>"}]})


@pytest.mark.django_db
def test_the_page_of_a_check_has_no_brackets(client):
    client.force_login(StaffFactory())
    check = checks.open_check(
        user=UserFactory(),
        check_type="aml",
        risk_level="high",
        risk_score=Decimal(72),
        risk_factors=["<i>new_account</i>"],
        results={"top_ups": {"count": 14}},
        reason="Many",
        now=timezone.now(),
    )

    page = client.get(f"/admin/donations/compliancecheck/{check.pk}/change/").text

    assert '<th scope="row">count</th><td>14</td>' in page
    assert "&lt;i&gt;new_account" in page
    assert "{&quot;" not in page
