"""The import in the back office: what was brought over is found from both ends, and what lists add up to is true."""

import re
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from accounts.models import User
from donations.models import OpeningBalance, Transfer
from goodplay.importing.models import ImportedDocument, ImportRun
from goodplay.lib.templatetags.house import euros
from tests.factories.accounts import UserFactory
from tests.importing import old as shapes
from tests.importing.old import a_whole_installation, fill, oid

pytestmark = pytest.mark.django_db
OPENINGS, DOCUMENTS, RUNS = (
    reverse(f"admin:{name}_changelist")
    for name in ("donations_openingbalance", "importing_importeddocument", "importing_importrun")
)


def staff(client, role="finance"):
    user = UserFactory(is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user)
    return user


def some_wallets(old, *balances):
    people = range(1, len(balances) + 1)
    fill(
        old,
        users=[shapes.user(number) for number in people],
        wallets=[shapes.wallet(100 + number, oid(number), balances[number - 1]) for number in people],
        transactions=[
            shapes.transaction(200 + number, oid(number), "earned", balances[number - 1]) for number in people
        ],
    )


def totals(response):
    return {str(name): value for name, value in response.context_data["totals"]}


def links(response, text):
    return re.findall(rf'<a href="([^"]+)">{re.escape(text)}', response.content.decode())


def test_the_totals_are_those_of_all_rows_the_search_leaves(client, old, run, monkeypatch):
    some_wallets(old, 10.0, 0.35, 7.0)
    run()
    staff(client)
    monkeypatch.setattr("donations.admin.openings.OpeningBalanceAdmin.list_per_page", 1)

    everything = totals(client.get(OPENINGS))
    one = totals(client.get(OPENINGS, {"q": "giocatore2@example.org"}))
    none = totals(client.get(OPENINGS, {"q": "nobody@example.org"}))

    booked = sum(Transfer.objects.filter(kind="opening").values_list("amount", flat=True))
    assert (everything["wallets"], everything["together"]) == (3, euros(booked))
    assert booked == Decimal("17.35")
    assert (one["wallets"], one["together"], one["earned"]) == (
        1,
        euros(Decimal("0.35")),
        euros(Decimal("0.35")),
    )
    assert (none["wallets"], none["together"]) == (0, euros(Decimal(0)))


def test_from_an_opening_to_the_old_documents_and_back(client, old, run):
    a_whole_installation(old)
    run()
    opening = OpeningBalance.objects.get()
    staff(client)

    page = client.get(reverse("admin:donations_openingbalance_change", args=[opening.pk]))

    wallet = client.get(links(page, "The old wallet")[0])
    assert totals(wallet) == {"wallets": 1}
    back = client.get(links(wallet, "Opening balance")[0])
    assert [row.pk for row in back.context_data["cl"].result_list] == [opening.pk]
    assert totals(client.get(links(page, "The old transactions")[0])) == {"transactions": 3}
    transfers = client.get(links(page, "What was booked for it")[0])
    assert sum(row.amount for row in transfers.context_data["cl"].result_list) == Decimal("17.30")


@pytest.mark.parametrize(
    ("collection", "number"),
    [
        ("users", 1),
        ("onlus_categories", 9),
        ("onlus_organizations", 10),
        ("games", 20),
        ("game_sessions", 21),
        ("transactions", 31),
        ("impact_stories", 40),
        ("impact_metrics", 50),
        ("impact_updates", 60),
        ("community_reports", 70),
    ],
)
def test_an_old_key_leads_to_the_row_it_became_and_the_row_to_the_key(client, old, run, collection, number):
    a_whole_installation(old)
    run()
    document = ImportedDocument.objects.get(collection=collection, old_id=str(oid(number)))
    staff(client, "super_admin")

    found = client.get(DOCUMENTS, {"q": document.old_id})

    row = re.search(r'field-row[^>]*>(?:<a href="([^"]+)")?', found.content.decode())[1]
    if collection != "onlus_categories":  # the fields of work have no screen
        assert client.get(row).status_code == 200
    known = client.get(DOCUMENTS, {"q": document.new_key}).context_data["cl"].result_list
    assert document.pk in [each.pk for each in known]


def test_the_search_of_the_back_office_knows_old_keys(client, old, run):
    a_whole_installation(old)
    run()
    staff(client)

    found = client.get("/admin/search/", {"q": str(oid(30))}).content.decode()

    assert reverse("admin:donations_openingbalance_change", args=[OpeningBalance.objects.get().pk]) in found
    assert f"wallets {oid(30)}" in found


def test_a_run_keeps_what_came_of_it_also_a_dry_one(client, old, run):
    a_whole_installation(old)
    dry, real = run(is_dry=True), run()
    staff(client)

    runs = list(ImportRun.objects.order_by("pk"))
    assert [(each.is_dry, each.is_proven, each.outcomes) for each in runs] == [
        (True, True, dry.outcomes),
        (False, True, real.outcomes),
    ]
    brought = runs[1].outcomes["users"]["brought"]
    assert brought == User.objects.filter(is_staff=False).count() == 2
    page = client.get(reverse("admin:importing_importrun_change", args=[runs[1].pk])).content.decode()
    assert "NOT_COMPLETED" in page
    assert "example.org" not in page


def test_a_run_that_was_cut_off_has_no_end(client, old, run, monkeypatch):
    a_whole_installation(old)
    monkeypatch.setattr("goodplay.importing.running.contradictions", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        run()
    monkeypatch.undo()
    staff(client)

    assert (ImportRun.objects.get().ended_at, ImportRun.objects.get().is_proven) == (None, None)
    assert client.get(RUNS).status_code == 200


def test_what_a_document_lacks_is_kept_and_told_again(old, run):
    fill(old, users=[shapes.user(1, role="admin", preferences={})])

    first, again = run(), run()

    lacking = ["users", str(oid(1)), "WITHOUT", "role: NOT_BROUGHT"]
    [brought], [there] = first.lines, again.lines
    assert [brought[:2] + brought[3:], there[:2] + there[3:]] == [lacking, lacking]
    assert (brought[2], there[2]) == ("altered", "there")
    assert ImportedDocument.objects.get().without == ["role: NOT_BROUGHT"]


@pytest.mark.parametrize("role", ["moderator", "compliance", "analyst"])
def test_the_map_is_for_those_who_look_after_the_import(client, old, run, role):
    a_whole_installation(old)
    run()
    staff(client, role)

    assert client.get(DOCUMENTS).status_code == client.get(RUNS).status_code == 403


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("page", [OPENINGS, DOCUMENTS, RUNS])
def test_lists_cost_the_same_however_long(client, old, run, page, count, django_assert_num_queries):
    some_wallets(old, *([5.0] * count))
    for _each in range(count):
        run()
    staff(client)
    client.get(page)

    with django_assert_num_queries(COSTS[page]):
        assert client.get(page).status_code == 200


COSTS = {OPENINGS: 9, DOCUMENTS: 9, RUNS: 8}


@pytest.mark.parametrize("page", [OPENINGS, DOCUMENTS, RUNS])
def test_nobody_writes_there(client, old, run, page):
    a_whole_installation(old)
    run()
    staff(client, "super_admin")
    before = [list(model.objects.values_list()) for model in (OpeningBalance, ImportedDocument, ImportRun)]

    assert client.get(f"{page}add/").status_code == 403
    for model in (OpeningBalance, ImportedDocument, ImportRun):
        client.post(
            f"{page}{model.objects.first().pk}/change/", {"source": "x", "source_id": "x", "old_id": "x"}
        )
        client.post(f"{page}{model.objects.first().pk}/delete/", {"post": "yes"})

    assert [
        list(model.objects.values_list()) for model in (OpeningBalance, ImportedDocument, ImportRun)
    ] == before
