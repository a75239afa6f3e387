"""What donations adds: names on the sanctions lists, and what the directory tells of donations."""

from datetime import timedelta
from decimal import Decimal

import pytest

from accounts.models import DirectoryTotals, Onlus, OnlusApplication
from accounts.operations import application_erasure, applications, erasure
from accounts.retention import closed_applications
from donations.operations import directory_totals, rollups
from donations.operations.screening import applicants
from goodplay.lib.private_files.models import PrivateFile
from tests.factories.accounts import OnlusFactory, UserFactory
from tests.factories.applications import MONDAY, approved, draft, submitted, under_review
from tests.factories.donations import NOW, make_donation, take_back
from tests.factories.screening import import_pep

pytestmark = pytest.mark.django_db
MINISTER = {"name": "Ottavia Brandolini", "role": "President"}


def screened(application):
    applicants.screen_application(application_id=application.pk, now=MONDAY)
    application.refresh_from_db()
    return application.verification_checks.get(check_type="sanctions_screening")


def test_without_lists_a_person_looks_the_names_up():
    check = screened(under_review())

    assert (check.status, check.risk_level, check.performed_by) == ("manual_review_required", "unknown", None)


def test_names_that_are_on_no_list_pass():
    import_pep()

    check = screened(under_review())

    assert (check.status, check.risk_level, check.score) == ("completed", "low", Decimal(100))
    assert check.detailed_results["names"] == 3  # the organisation and two people


def test_a_leader_on_a_list_is_critical_until_a_person_looked():
    import_pep()
    application = under_review(leadership_team=[MINISTER])

    check = screened(application)

    assert (check.status, check.risk_level) == ("manual_review_required", "critical")
    [hit] = check.detailed_results["hits"]
    assert (hit["name"], hit["source"], hit["band"]) == ("Ottavia Brandolini", "PEP", "strong")
    assert application.escalated_at == MONDAY
    application.verification_checks.filter(pk=check.pk).update(performed_by=application.reviewer)
    assert screened(application).status == "manual_review_required"


def test_the_screening_follows_the_assignment(django_capture_on_commit_callbacks):
    import_pep()
    with django_capture_on_commit_callbacks(execute=True):
        application = under_review(board_members=[MINISTER])

    check = application.verification_checks.get(check_type="sanctions_screening")
    assert check.risk_level == "critical"


def test_the_directory_tells_what_was_given_and_not_given_back():
    first, second, donor = OnlusFactory(), OnlusFactory(), UserFactory()
    make_donation(donor, first, "10.00")
    back = make_donation(donor, second, "5.00")
    make_donation(UserFactory(), first, "2.50")
    rollups.roll_up(now=NOW + timedelta(minutes=30))
    counts = [directory_totals.sum_up(now=NOW) for _ in range(2)]
    take_back(back, now=NOW + timedelta(minutes=45))
    rollups.roll_up(now=NOW + timedelta(hours=1))
    again = directory_totals.sum_up(now=NOW)

    assert (counts, again) == ([2, 0], 1)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.total_donations_received, first.total_donors) == (Decimal("12.50"), 2)
    assert first.last_donation_at == NOW
    assert (second.total_donations_received, second.total_donors, second.last_donation_at) == (0, 0, None)
    assert DirectoryTotals.objects.get().donors == 2


def test_what_came_to_nothing_is_forgotten_after_two_years():
    application = submitted()
    applications.withdraw(applicant_id=application.applicant_id, application_id=application.pk, now=MONDAY)
    kept = approved(organization_name="Radici due", tax_id="94087650431")
    rows = closed_applications(MONDAY + timedelta(days=731))
    assert list(rows) == [application]

    application_erasure.erase(list(rows), MONDAY)

    application.refresh_from_db()
    assert (application.leadership_team, application.bank_account_info, application.contact_phone) == (
        [],
        {},
        "",
    )
    assert not closed_applications(MONDAY + timedelta(days=731)).exists()
    assert PrivateFile.objects.kept().count() == kept.documents.count()


def test_a_closed_account_withdraws_its_applications_and_keeps_its_organisation():
    application, kept = draft(), approved(organization_name="Radici due", tax_id="94087650431")

    erasure.erase([application.applicant, kept.applicant], MONDAY)

    states = dict(OnlusApplication.objects.values_list("organization_name", "status"))
    assert states == {"Radici nel Cielo": "withdrawn", "Radici due": "approved"}
    assert Onlus.objects.filter(name="Radici due").exists()
