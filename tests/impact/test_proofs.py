"""Inclusion proofs: what donors get is checked by the script we hand out, in a process of its own."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from donations.models import LedgerSeal, Transfer
from donations.operations import closing
from goodplay.lib.time import rome_day
from impact.merkle import leaf_hash, node_hash, path_of, root_of
from impact.models import DayRoot
from impact.operations import proofs
from impact.queries import proofs as queries
from impact.tasks import publish_inclusion_roots
from tests.factories.accounts import OnlusFactory, StaffFactory, UserFactory
from tests.factories.donations import give_credits, make_donation, take_back
from tests.factories.impact import NOW

pytestmark = pytest.mark.django_db

VERIFIER = Path(__file__).parents[2] / "docs" / "verify_inclusion.py"
ROOTS = "/api/impact/proofs/roots"
NEXT_NIGHT = datetime(2026, 3, 5, 1, tzinfo=UTC)
TODAY = rome_day(NOW)


def close(now=NEXT_NIGHT):
    closing.seal_days(now=now)
    return proofs.make_roots(now=now)


@pytest.fixture
def gift(api):
    """A donation among others of its day, its donor signed in."""
    park = OnlusFactory(name="Amici del Parco")
    make_donation(UserFactory(), park, "1.00")
    donation = make_donation(UserFactory(display_name="Alice"), park, "12.50")
    for amount in ("3.00", "4.00", "5.00"):
        make_donation(UserFactory(), park, amount)
    api.force_authenticate(donation.donor)
    return donation


def answers(api, donation):
    return api.get(f"/api/impact/donation/{donation.pk}/proof").json(), api.get(ROOTS).json()


def verify(folder, proof, roots):
    """Run the script as a donor would."""
    for name, answer in (("proof", proof), ("roots", roots)):
        (folder / f"{name}.json").write_text(json.dumps(answer))
    command = [sys.executable, "-I", str(VERIFIER), str(folder / "proof.json"), str(folder / "roots.json")]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)  # noqa: S603  (our own script)


# The proof -------------------------------------------------------------------------------------------------------


def test_a_donor_proves_a_gift_with_nothing_but_the_script_and_the_roots(api, gift, tmp_path, monkeypatch):
    monkeypatch.setattr(queries, "IN_A_PART", 4)  # several parts, the last of them not full
    close()

    proof, roots = answers(api, gift)
    run = verify(tmp_path, proof, roots)

    assert (proof["message"], roots["message"]) == ("DONATION_PROOF_SUCCESS", "INCLUSION_ROOTS_SUCCESS")
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout == f"PROVEN: 12.50 EUR to organisation {gift.onlus_id} is in the books of 2026-03-04.\n"
    (only,) = proof["data"]["proofs"]
    assert roots["data"]["roots"][0] == {
        "day": "2026-03-04",
        "leaf_count": Transfer.objects.count(),
        "root": only["root"],
        "ledger_seal": LedgerSeal.objects.get(day=TODAY).hash,
        "made_at": "2026-03-05T01:00:00+00:00",
    }
    assert len(VERIFIER.read_text().splitlines()) <= 40


def test_every_transfer_of_the_day_has_its_proof(gift, monkeypatch):
    monkeypatch.setattr(queries, "IN_A_PART", 4)
    close()
    root = DayRoot.objects.get(day=TODAY)

    found = [
        queries._proof(key, root) for key in Transfer.objects.order_by("pk").values_list("pk", flat=True)
    ]

    assert [proof.index for proof in found] == list(range(root.leaf_count))
    for proof in found:
        assert (
            along(leaf_hash(proof.leaf.encode()), proof.index, root.leaf_count, proof.path).hex() == root.root
        )


def test_both_kinds_of_money_are_proven(api, gift, tmp_path):
    give_credits(gift.donor, "5.00")
    mixed = make_donation(gift.donor, gift.onlus, "2.00")
    give_credits(gift.donor, "3.00", kind="player_cash")
    close()

    proof, roots = answers(api, mixed)

    assert verify(tmp_path, proof, roots).returncode == 0
    assert sum(float(each["leaf"].split("|")[6]) for each in proof["data"]["proofs"]) == 2.0


def change(leaf, place, value):
    facts = leaf.split("|")
    facts[place] = value
    return "|".join(facts)


def forged(kind, proof, roots):
    """Return the answers with one thing changed."""
    each = proof["data"]["proofs"][0]
    if kind == "amount":
        each["leaf"] = change(each["leaf"], 6, "1250.00")
    if kind == "organisation":
        each["leaf"] = change(each["leaf"], 9, "00000000-0000-0000-0000-000000000001")
    if kind == "swapped siblings":
        each["audit_path"][0], each["audit_path"][1] = each["audit_path"][1], each["audit_path"][0]
    if kind == "short path":
        each["audit_path"].pop()
    if kind == "wrong day":
        each["leaf"], each["day"] = change(each["leaf"], 1, "2026-03-03"), "2026-03-03"
    if kind == "day of another":
        each["day"] = "2026-03-03"
    if kind == "another donation":
        proof["data"]["donation_id"] = "00000000-0000-0000-0000-000000000001"
    if kind == "root not published":
        roots["data"]["roots"] = []
    if kind == "another root":
        roots["data"]["roots"][0]["root"] = "0" * 64
    if kind == "index":
        each["leaf_index"] += 1
    if kind == "count":
        each["leaf_count"] += 1
    if kind == "nothing":
        proof["data"]["proofs"] = []
    return proof, roots


FORGERIES = (
    "amount",
    "organisation",
    "swapped siblings",
    "short path",
    "wrong day",
    "day of another",
    "another donation",
    "root not published",
    "another root",
    "index",
    "count",
    "nothing",
)


def test_no_forgery_is_believed(api, gift, tmp_path):
    close()
    true = answers(api, gift)

    for kind in FORGERIES:
        run = verify(tmp_path, *forged(kind, *json.loads(json.dumps(true))))
        assert (run.returncode, run.stderr[:11], kind) == (1, "NOT PROVEN:", kind)
    assert verify(tmp_path, *true).returncode == 0


def test_a_proof_says_nothing_about_people(api, gift):
    close()

    text = api.get(f"/api/impact/donation/{gift.pk}/proof").content.decode()

    accounts = Transfer.objects.values_list("debit_account_id", flat=True)
    for secret in (
        gift.donor_id,
        gift.donor.display_name,
        gift.donor.email,
        DayRoot.objects.get().secret,
        *accounts,
    ):
        assert str(secret) not in text
    assert "secret" not in api.get(ROOTS).content.decode()


def test_the_same_transfers_under_another_secret_are_another_tree(gift):
    first = [hashed for _size, hashed in queries.part_roots(TODAY, "aa" * 32)]
    second = [hashed for _size, hashed in queries.part_roots(TODAY, "bb" * 32)]

    assert first != second


# Who may ask, and when ---------------------------------------------------------------------------------------------


def test_the_proof_of_others_does_not_exist(api, gift):
    close()
    api.force_authenticate(UserFactory())
    stranger = api.get(f"/api/impact/donation/{gift.pk}/proof")
    api.force_authenticate(StaffFactory())
    staff = api.get(f"/api/impact/donation/{gift.pk}/proof")
    api.force_authenticate(None)
    nobody = api.get(f"/api/impact/donation/{gift.pk}/proof")

    assert [(each.status_code, each.json()["message"]) for each in (stranger, staff, nobody)] == [
        (404, "DONATION_NOT_FOUND"),
        (200, "DONATION_PROOF_SUCCESS"),
        (401, "AUTHENTICATION_REQUIRED"),
    ]


def test_before_the_night_there_is_no_proof(api, gift):
    response = api.get(f"/api/impact/donation/{gift.pk}/proof")

    assert (response.status_code, response.json()["message"]) == (409, "PROOF_NOT_READY")


def test_what_was_given_back_is_still_proven_to_have_been_given(api, gift, tmp_path):
    take_back(gift)
    close()

    assert verify(tmp_path, *answers(api, gift)).returncode == 0


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_of_roots_costs_two_queries(api, count, django_assert_num_queries):
    for day in range(count):
        make_donation(UserFactory(), OnlusFactory(), "1.00", now=NOW - timedelta(days=day))
    close()

    with django_assert_num_queries(2):
        roots = api.get(ROOTS).json()["data"]["roots"]

    assert [root["day"] for root in roots] == sorted((root["day"] for root in roots), reverse=True)
    assert len(roots) == count


@pytest.mark.parametrize("count", [1, 30])
def test_a_proof_costs_the_same_on_a_busy_day(api, gift, count, django_assert_num_queries):
    for _more in range(count):
        give_credits(gift.donor, "1.00")
    close()

    with django_assert_num_queries(5):
        api.get(f"/api/impact/donation/{gift.pk}/proof")


# The job ---------------------------------------------------------------------------------------------------------


def test_days_are_published_once_and_for_good(gift):
    make_donation(UserFactory(), gift.onlus, "1.00", now=NOW - timedelta(days=2))

    assert [close(), close()] == [3, 0]
    assert [(root.day.day, root.leaf_count > 0) for root in DayRoot.objects.order_by("day")] == [
        (2, True),
        (3, False),  # nothing moved
        (4, True),
    ]
    with pytest.raises(DatabaseError), transaction.atomic():
        DayRoot.objects.update(root="0" * 64)


def test_today_is_never_published(gift):
    assert close(now=NOW) == 0
    assert publish_inclusion_roots() == "0 days"


def test_a_sealed_day_that_lost_a_transfer_is_not_published(gift):
    closing.seal_days(now=NEXT_NIGHT)
    make_donation(UserFactory(), gift.onlus, "1.00")  # slipped into a day that is sealed

    with pytest.raises(proofs.LedgerChanged):
        proofs.make_roots(now=NEXT_NIGHT)

    assert not DayRoot.objects.exists()


def test_staff_see_whether_a_root_still_holds(client, gift):
    client.force_login(StaffFactory())
    close()
    press = reverse("admin:impact_dayroot_do", args=[TODAY, "reckon_anew"])

    holds = client.post(press, follow=True).content.decode()
    make_donation(UserFactory(), gift.onlus, "1.00")
    broken = client.post(press, follow=True).content.decode()

    assert "still lead to this root" in holds
    assert "do NOT lead to this root any more" in broken
    page = client.get(reverse("admin:impact_dayroot_change", args=[TODAY])).content.decode()
    assert DayRoot.objects.get().secret not in page


# The tree --------------------------------------------------------------------------------------------------------


def along(node, index, count, path):
    """Follow a path as RFC 9162, section 2.1.3.2 says."""
    last = count - 1
    for sibling in path:
        if index % 2 or index == last:
            node = node_hash(sibling, node)
            while index and not index % 2:
                index, last = index >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        index, last = index >> 1, last >> 1
    return node if last == 0 else b""


def test_the_tree_is_that_of_the_rfc():
    """The roots of these eight leaves are published with Certificate Transparency's own tests."""
    leaves = [
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    ]
    hashes = [leaf_hash(bytes.fromhex(each)) for each in leaves]

    assert root_of([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert root_of(hashes[:1]).hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert root_of(hashes).hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8, 13, 33])
def test_every_path_leads_to_the_root(count):
    hashes = [leaf_hash(bytes([number])) for number in range(count)]

    assert {along(hashes[index], index, count, path_of(index, hashes)) for index in range(count)} == {
        root_of(hashes)
    }
