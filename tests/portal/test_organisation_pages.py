"""Public profile, legal data and settings: owners write, staff look at what the law knows, everybody sets their own."""

from datetime import date

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from accounts.models import OnlusMembership
from goodplay.lib.approvals.models import ApprovalRequest
from goodplay.lib.audit.models import AuditEntry
from tests.factories.accounts import MembershipFactory, OnlusFactory, UserFactory

PROFILE = {
    "mission_statement": "Alberi per tutti.",
    "description": "<script>alert(1)</script> Piantiamo larici.",
    "tags": "Alberi, montagna , alberi",
    "contact_email": "info@sentiero.example",
    "contact_phone": "+39 0461 123456",
    "website_url": "sentiero.example",
    "city": "Trento",
    "instagram": "https://instagram.example/sentiero",
}
LEGAL = {
    "name": "Il Sentiero Verde",
    "legal_name": "Il Sentiero Verde ODV",
    "tax_id": "",
    "reason": "New statute",
}


def post(client, onlus, page, entry):
    return client.post(f"/portal/{onlus.pk}/{page}/", entry)


def test_an_owner_writes_the_public_profile(portal, onlus, member):
    post(portal, onlus, "profile", PROFILE)
    post(portal, onlus, "profile", PROFILE)  # the same again leaves no trace

    onlus.refresh_from_db()
    assert (onlus.mission_statement, onlus.tags) == ("Alberi per tutti.", ["alberi", "montagna"])
    assert onlus.website_url == "https://sentiero.example"
    assert onlus.social_media == {"instagram": "https://instagram.example/sentiero"}
    entry = AuditEntry.objects.get(action="onlus_profile_edit")
    assert entry.actor == member
    page = portal.get(f"/portal/{onlus.pk}/profile/").text
    assert "&lt;script&gt;" in page
    assert "<script>alert(1)" not in page


@pytest.mark.parametrize(
    "change",
    [
        {"mission_statement": ""},
        {"contact_email": "nobody"},
        {"contact_phone": "call me"},
        {"website_url": "javascript:alert(1)"},
        {"instagram": "javascript:alert(1)"},
        {"tags": ",".join(f"tag{number}" for number in range(11))},
        {"tags": "x" * 31},
    ],
)
def test_a_profile_that_does_not_fit_changes_nothing(portal, onlus, change):
    answer = post(portal, onlus, "profile", {**PROFILE, **change})

    assert answer.status_code == 422
    onlus.refresh_from_db()
    assert onlus.mission_statement == "Trees for the city."


def test_a_form_cannot_smuggle_in_what_owners_may_not_write(portal, onlus):
    post(
        portal, onlus, "profile", {**PROFILE, "status": "active", "name": "Altro", "compliance_score": "100"}
    )

    onlus.refresh_from_db()
    assert (onlus.name, onlus.compliance_score) == ("Il Sentiero Verde", None)


def test_legal_data_change_when_staff_have_looked(portal, client, onlus, member):
    wanted = {**LEGAL, "incorporation_date": "2015-05-01", "runts_section": "odv", "runts_number": "12345"}
    post(portal, onlus, "legal-data", wanted)
    twice = post(portal, onlus, "legal-data", {**wanted, "runts_number": "54321"})

    onlus.refresh_from_db()
    assert onlus.legal_name == ""
    assert twice.status_code == 422
    asked = ApprovalRequest.objects.get()
    assert asked.requested_by == member
    assert "Il Sentiero Verde ODV" in asked.summary
    officer = UserFactory(is_staff=True)
    officer.groups.add(Group.objects.get(name="super_admin"))
    client.force_login(officer)
    client.post(reverse("admin:approvals_approvalrequest_do", args=[asked.pk, "approve"]), {"reason": "Seen"})

    onlus.refresh_from_db()
    assert (onlus.legal_name, onlus.runts_section, onlus.incorporation_date) == (
        "Il Sentiero Verde ODV",
        "odv",
        date(2015, 5, 1),
    )
    assert AuditEntry.objects.get(action="onlus_legal_data").actor == officer


def test_staff_with_a_seat_do_not_approve_the_legal_data_of_their_organisation(portal, client, onlus):
    post(portal, onlus, "legal-data", LEGAL)
    asked = ApprovalRequest.objects.get()
    officer = MembershipFactory(onlus=onlus, role="viewer", user=UserFactory(is_staff=True)).user
    officer.groups.add(Group.objects.get(name="super_admin"))
    client.force_login(officer)

    told = client.post(
        reverse("admin:approvals_approvalrequest_do", args=[asked.pk, "approve"]),
        {"reason": "Seen"},
        follow=True,
    ).text

    assert "a colleague decides" in told
    onlus.refresh_from_db()
    asked.refresh_from_db()
    assert (onlus.legal_name, asked.state) == ("", "pending")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"tax_id": "97812345679"}, "no codice fiscale"),
        ({"name": "IL VICINO"}, "Another organisation has this name"),
        ({"legal_name": ""}, "Nothing differs"),
    ],
)
def test_legal_data_that_make_no_sense_are_not_asked_for(portal, onlus, change, says):
    OnlusFactory(name="Il Vicino")

    answer = post(portal, onlus, "legal-data", {**LEGAL, **change})

    assert answer.status_code == 422
    assert says in answer.text
    assert not ApprovalRequest.objects.exists()


def test_settings_are_for_oneself(client, onlus, member):
    viewer = MembershipFactory(onlus=onlus, role="viewer")
    client.force_login(viewer.user)

    post(client, onlus, "settings", {"preferred_language": "it", "wants_team_mails": "on"})

    wants = OnlusMembership.objects.values_list(
        "user", "wants_payout_mails", "wants_compliance_mails", "wants_team_mails"
    )
    assert set(wants) == {(member.pk, True, True, True), (viewer.user.pk, False, False, True)}
    viewer.user.refresh_from_db()
    assert viewer.user.preferred_language == "it"
