"""Screening in the back office: import a list, read why, decide."""

from datetime import date

import pytest
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from donations.models import ScreenedSubject, ScreeningDecision, ScreeningEdition, ScreeningHit
from goodplay.lib.approvals.models import ApprovalRequest
from tests.factories.accounts import StaffFactory, UserFactory
from tests.factories.screening import MAYOR, MINISTER, import_pep, only_hit, pep_file, screen_all

pytestmark = pytest.mark.django_db
Status = ScreeningHit.Status


@pytest.fixture
def officer(client):
    staff = StaffFactory(is_superuser=False, first_name="Carla", last_name="Bini")
    staff.groups.add(Group.objects.get(name="compliance"))
    client.force_login(staff)
    return staff


@pytest.fixture
def hit(officer):
    import_pep()
    UserFactory(first_name="Ottavio", last_name="Brandolin", email="ottavio@example.org")
    screen_all()
    return only_hit()


def page_of(row):
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def press(client, row, name, **data):
    return client.post(page_of(row).replace("/change/", f"/do/{name}/"), data, follow=True)


def upload(client, *rows, **data):
    [(name, content)] = pep_file(*rows)
    form = {"source": "PEP", "published_on": "2026-11-01", "first": SimpleUploadedFile(name, content)}
    address = reverse("admin:donations_screeningedition_do_on_list", args=["bring_in"])
    return client.post(address, {**form, **data}, follow=True)


def test_an_officer_imports_a_list(client, officer):
    page = upload(client, MINISTER, MAYOR)

    edition = ScreeningEdition.objects.get()
    assert (edition.status, edition.entry_count, edition.imported_by) == ("current", 2, officer)
    assert f"{edition.vintage} is in force: 2 entries." in page.content.decode()


def test_a_refused_list_is_told_and_stays_on_record(client, officer):
    before = import_pep()

    page = upload(client, MINISTER, published_on="2026-11-02")

    assert "LIST_SHRUNK" in page.content.decode()
    assert list(ScreeningEdition.objects.current()) == [before]
    assert ScreeningEdition.objects.filter(status="refused").count() == 1


def test_a_list_without_its_day_is_asked_for_it(client, officer):
    page = upload(client, MINISTER, published_on="")

    assert "Say of which day this edition is." in page.content.decode()
    assert ScreeningEdition.objects.count() == 0


def test_the_page_of_a_hit_tells_why_word_by_word(client, hit):
    page = client.get(page_of(hit)).content.decode()

    assert "Ottavio Brandolin" in page
    assert "Minister of Bridges" in page
    assert "1961-03-04" in page
    assert "<td>ottavio</td><td>ottavia</td>" in page


def test_the_page_of_a_decision_and_the_lists_open(client, hit):
    pages = [page_of(ScreeningDecision.objects.get(name="Ottavio Brandolin")), page_of(hit.subject)]
    pages += [
        reverse(f"admin:donations_{name}_changelist")
        for name in (
            "screeninghit",
            "screeningedition",
            "screeningdecision",
            "screenedsubject",
            "screeningrun",
            "screeningquality",
        )
    ]

    assert {client.get(address).status_code for address in pages} == {200}


@pytest.mark.parametrize("count", [1, 3])
def test_the_queue_costs_the_same_for_one_and_for_three(
    client, officer, count, django_assert_max_num_queries
):
    import_pep()
    for _number in range(count):
        UserFactory(first_name="Ottavio", last_name="Brandolin")
    screen_all()

    with django_assert_max_num_queries(14):
        page = client.get(reverse("admin:donations_screeninghit_changelist"))

    assert page.content.decode().count("Ottavia Brandolini") == count


def test_an_officer_finds_that_it_is_somebody_else(client, officer, hit):
    press(client, hit, "dismiss", reason="Born in 1999")

    hit.refresh_from_db()
    assert (hit.status, hit.decided_by, hit.decision_reason) == (
        Status.FALSE_POSITIVE,
        officer,
        "Born in 1999",
    )


def test_an_officer_proposes_and_nothing_is_confirmed_yet(client, officer, hit):
    press(client, hit, "propose_match", reason="Same photograph")

    hit.refresh_from_db()
    assert (hit.status, ApprovalRequest.objects.get().requested_by) == (Status.OPEN, officer)


def test_an_officer_has_somebody_screened_again(client, officer, hit):
    press(client, hit.subject, "screen_again")

    assert ScreenedSubject.objects.get(pk=hit.subject_id).due_at is not None


def test_an_analyst_reads_and_decides_nothing(client, hit):
    analyst = UserFactory(is_staff=True)
    analyst.groups.add(Group.objects.get(name="analyst"))
    client.force_login(analyst)

    answer = press(client, hit, "dismiss", reason="Born in 1999")

    hit.refresh_from_db()
    assert (answer.status_code, hit.status) == (403, Status.OPEN)
    assert upload(client, MINISTER).status_code == 403
    assert ScreeningEdition.objects.get().published_on == date(2026, 11, 1)
