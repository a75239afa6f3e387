"""Allocation in the back office: the queue, its buttons, the dry run, pools and runs."""

from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from accounts.models import OnlusCategory
from donations.models import AllocationLine, AllocationRun, FundingPool
from goodplay.lib.approvals.models import ApprovalRequest
from goodplay.lib.audit.models import AuditEntry
from tests.factories.accounts import StaffFactory, UserFactory
from tests.factories.allocation import fund_allocation, make_giver, make_pool, make_request, run
from tests.factories.donations import balance

pytestmark = pytest.mark.django_db


@pytest.fixture
def boss(client):
    staff = StaffFactory()
    client.force_login(staff)
    return staff


def press(client, row, name, **data):
    kind = f"{row._meta.app_label}_{row._meta.model_name}"
    address = reverse(f"admin:{kind}_change", args=[row.pk]).replace("/change/", f"/do/{name}/")
    return client.post(address, data, follow=True)


def page(client, row):
    return client.get(reverse(f"admin:donations_{row._meta.model_name}_change", args=[row.pk]))


def test_a_request_is_approved_and_allocated(client, boss):
    alice = make_giver("30.00")
    request = make_request("30.00")

    press(client, request, "approve", amount="20.00", notes="")
    answer = press(client, request, "execute")

    request.refresh_from_db()
    assert (request.status, request.result.given_amount, balance(alice)) == ("completed", 20, 10)
    assert "20.00 EUR were given" in answer.text
    assert AllocationRun.objects.get().started_by == boss


def test_the_dry_run_shows_the_lines_and_writes_nothing(client, boss):
    alice, pool = make_giver("30.00"), make_pool("100.00")
    request = make_request("80.00")
    make_request("5.00", urgency_level=1, title="Later perhaps")

    one = press(client, request, "dry_run")
    everything = client.post(reverse("admin:donations_allocationrequest_changelist") + "do/dry_run_all/")

    for answer in (one, everything):
        for words in (
            request.title,
            "€80.00 of €80.00",
            str(alice.pk),
            pool.name,
            "Adds what donors lack",
            "Score",
        ):
            assert words in answer.text
    assert "Would be rejected" in everything.text
    assert (AllocationLine.objects.count(), AllocationRun.objects.count(), balance(alice)) == (0, 0, 30)
    request.refresh_from_db()
    assert (request.status, request.score) == ("pending", None)


def test_force_asks_a_second_person_and_reject_a_reason(client, boss):
    request = make_request(urgency_level=1)

    press(client, request, "force", reason="We promised it.")
    press(client, request, "reject", reason="No")  # too short a reason
    assert ApprovalRequest.objects.get().target_id == str(request.pk)
    request.refresh_from_db()
    assert request.status == "pending"
    press(client, request, "reject", reason="Not this year.")

    request.refresh_from_db()
    assert (request.status, request.rejection_reason) == ("rejected", "Not this year.")


def test_the_score_is_shown_factor_by_factor(client, boss):
    request = make_request("10.00")
    make_giver("10.00")
    run()

    shown = page(client, request).text

    for words in ("Funding gap", "What donors care about", "<td>100.00</td><td>0.20</td><td>20.00</td>"):
        assert words in shown
    assert "All this donor may give" in page(client, request.result).text
    assert "Allocated" in page(client, AllocationRun.objects.get()).text


@pytest.mark.parametrize("role", ["moderator", "analyst", "compliance"])
def test_only_finance_decides(client, role):
    staff = UserFactory(is_staff=True)
    staff.groups.add(Group.objects.get(name=role))
    client.force_login(staff)
    request = make_request()

    for name in ("approve", "force", "reject", "dry_run", "execute"):
        assert press(client, request, name, reason="Because of it.").status_code == 403

    request.refresh_from_db()
    assert request.status == "pending"
    assert not ApprovalRequest.objects.exists()


POOL = {
    "name": "For the schools",
    "kind": "general",
    "status": "active",
    "total": "80.00",
    "minimum_allocation": "0",
    "maximum_allocation": "",
    "categories": [],
    "region": "",
    "auto_allocation": "on",
    "priority_weight": "1",
    "valid_until_0": "",
    "valid_until_1": "",
}


def test_a_pool_is_made_and_changed_within_its_funding(client, boss):
    sponsor = fund_allocation("100.00")
    add = reverse("admin:donations_fundingpool_add")

    refused = client.post(add, POOL | {"sponsor": sponsor.pk, "total": "100.01"})
    assert "100.00 EUR left for funding pools" in refused.text
    client.post(add, POOL | {"sponsor": sponsor.pk})
    pool = FundingPool.objects.get()
    change = reverse("admin:donations_fundingpool_change", args=[pool.pk])
    assert "100.00 EUR left" in client.post(change, POOL | {"total": "100.01"}).text
    no_category = client.post(change, POOL | {"kind": "category_specific"})
    assert "Name the categories" in no_category.text
    education = OnlusCategory.objects.get(pk="education")
    client.post(change, POOL | {"kind": "category_specific", "categories": [education.pk], "total": "90"})

    pool.refresh_from_db()
    assert (pool.total, list(pool.categories.all()), pool.sponsor) == (Decimal("90.00"), [education], sponsor)
    entries = AuditEntry.objects.filter(target_id=str(pool.pk)).order_by("sequence")
    assert [(each.action, each.after["total"]) for each in entries] == [("add", "80.00"), ("change", "90.00")]
    assert "90.00" in client.get(reverse("admin:donations_fundingpool_changelist")).text


@pytest.mark.parametrize("count", [1, 3])
def test_lists_cost_the_same_for_more_rows(client, boss, count, django_assert_max_num_queries):
    for _number in range(count):
        make_giver("1.00")
        make_pool("10.00")
        make_request("2.00")
    run()

    for name in ("allocationrequest", "allocationresult", "allocationrun", "fundingpool", "poolgrant"):
        with django_assert_max_num_queries(12):
            assert client.get(reverse(f"admin:donations_{name}_changelist")).status_code == 200
