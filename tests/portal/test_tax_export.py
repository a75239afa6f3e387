"""The yearly communication: gifts of own money, of people who let it be told, less what was given back."""

import csv
from datetime import datetime
from io import StringIO

import pytest

from accounts.models import OnlusMembership
from goodplay.lib.audit.models import AuditEntry
from goodplay.lib.time import ROME
from tests.factories.accounts import MembershipFactory, OnlusFactory, UserFactory
from tests.factories.donations import take_back
from tests.factories.receipts import ANNA, MARIO, give_own_money, tell_tax_data
from tests.portal.conftest import NOON

LAST_YEAR = datetime(2025, 6, 1, 12, tzinfo=ROME)


def donor(tax_code=MARIO, **options):
    person = UserFactory(display_name="Segreta")
    tell_tax_data(person, tax_code, now=LAST_YEAR, **options)
    return person


def gift(person, onlus, amount="10.00", *, now=LAST_YEAR, **options):
    return give_own_money(person, onlus, amount, now=now, **options)


def shown(client, onlus, **query):
    return client.get(f"/portal/{onlus.pk}/tax-communication/", query)


def exported(client, onlus, language="en", **query):
    answer = client.get(
        f"/portal/{onlus.pk}/tax-communication.csv", query, headers={"accept-language": language}
    )
    text = answer.content.decode("utf-8-sig")
    return list(csv.reader(StringIO(text), delimiter=";" if language == "it" else ","))


def test_the_file_names_donors_and_what_they_gave(portal, onlus):
    mario, anna = donor(legal_name="Mario Rossi"), donor(ANNA, legal_name="Anna Verdi")
    gift(mario, onlus, "10.00", earned="3.00")
    gift(mario, onlus, "5.00")
    gift(anna, onlus, "1234.50")

    header, *rows = exported(portal, onlus)

    assert header[:3] == ["Codice fiscale", "Name", "Year"]
    assert rows == [
        [MARIO, "Mario Rossi", "2025", "2", "15.00", "0.00", "15.00", "Traceable"],
        [ANNA, "Anna Verdi", "2025", "1", "1234.50", "0.00", "1234.50", "Traceable"],
    ]


def test_what_was_given_back_is_taken_off(portal, onlus):
    mario, anna = donor(), donor(ANNA)
    take_back(gift(mario, onlus, "10.00", earned="2.00"), "4.00", now=NOON)
    take_back(gift(anna, onlus, "7.00"), now=NOON)

    _header, *rows = exported(portal, onlus)

    assert [(row[0], *row[4:7]) for row in rows] == [(MARIO, "10.00", "4.00", "6.00")]


@pytest.mark.parametrize(
    "make",
    [
        lambda onlus: gift(donor(shares=False), onlus),
        lambda onlus: gift(donor(""), onlus),
        lambda onlus: gift(donor("00743110157"), onlus),
        lambda onlus: gift(UserFactory(), onlus),
        lambda onlus: gift(donor(), onlus, is_anonymous=True),
    ],
    ids=["opted out", "no code", "a company", "said nothing", "anonymous"],
)
def test_who_does_not_want_it_is_left_out_and_only_counted(portal, onlus, make):
    make(onlus)

    _header, *rows = exported(portal, onlus)
    page = shown(portal, onlus)

    assert rows == []
    assert page.context["communication"].gifts_left_out == 1
    assert "1 gift of own money (€10.00) is left out" in page.text


def test_consent_that_was_taken_back_counts_at_once(portal, onlus):
    mario = donor()
    gift(mario, onlus)
    tell_tax_data(mario, MARIO, shares=False)

    assert len(exported(portal, onlus)) == 1


def test_credits_earned_by_playing_are_no_gift(portal, onlus):
    gift(donor(), onlus, "0.00", earned="9.00")

    page = shown(portal, onlus)

    assert page.context["communication"].lines == []
    assert page.context["communication"].gifts_left_out == 0


def test_two_accounts_of_one_person_are_one_line(portal, onlus):
    gift(donor(legal_name=""), onlus, "1.00")
    gift(donor(legal_name="Mario Rossi"), onlus, "2.00")

    _header, *rows = exported(portal, onlus)

    assert [(row[0], row[1], row[3], row[6]) for row in rows] == [(MARIO, "Mario Rossi", "2", "3.00")]


def test_years_are_those_of_rome(portal, onlus):
    mario = donor()
    for moment, amount in (
        (datetime(2024, 12, 31, 23, 59, tzinfo=ROME), "1.00"),
        (datetime(2025, 1, 1, tzinfo=ROME), "2.00"),
        (datetime(2025, 12, 31, 23, 59, tzinfo=ROME), "4.00"),
        (datetime(2026, 1, 1, tzinfo=ROME), "8.00"),
    ):
        gift(mario, onlus, amount, now=moment)

    assert exported(portal, onlus, year="2025")[1][6] == "6.00"
    assert exported(portal, onlus, year="2026")[1][6] == "8.00"


def test_another_organisation_sees_its_own_gifts_only(portal, onlus):
    other = OnlusFactory()
    gift(donor(), other)

    assert len(exported(portal, onlus)) == 1
    assert portal.get(f"/portal/{other.pk}/tax-communication.csv").status_code == 404
    assert portal.get(f"/portal/{other.pk}/tax-communication/").status_code == 404


@pytest.mark.parametrize(("role", "status"), [("owner", 200), ("editor", 200), ("viewer", 403)])
@pytest.mark.parametrize("path", ["tax-communication/", "tax-communication.csv"])
def test_owners_and_editors_only(client, onlus, role, status, path):
    gift(donor(), onlus)
    client.force_login(MembershipFactory(onlus=onlus, role=OnlusMembership.Role(role)).user)

    answer = client.get(f"/portal/{onlus.pk}/{path}")

    assert answer.status_code == status
    if status == 403:
        assert MARIO not in answer.text
        assert "tax-communication" not in client.get(f"/portal/{onlus.pk}/").text
        assert not AuditEntry.objects.filter(action="export tax communication").exists()


def test_strangers_go_to_the_sign_in_page(client, onlus):
    assert client.get(f"/portal/{onlus.pk}/tax-communication.csv").status_code == 302


def test_the_page_shows_sums_and_names_nobody(portal, onlus):
    gift(donor(legal_name="Mario Rossi"), onlus, "1234.50")

    page = shown(portal, onlus).text

    assert "€1,234.50" in page
    for secret in (MARIO, "Mario", "Segreta"):
        assert secret not in page
    assert not AuditEntry.objects.filter(action="export tax communication").exists()


def test_each_download_is_on_the_trail(portal, onlus, member):
    gift(donor(), onlus)

    exported(portal, onlus)

    entry = AuditEntry.objects.get(action="export tax communication")
    assert (entry.actor, entry.target_id) == (member, str(onlus.pk))
    assert entry.after == {"year": 2025, "donors": 1, "amount": "10.00"}


def test_a_name_like_a_formula_stays_text(portal, onlus):
    gift(donor(legal_name='=HYPERLINK("http://x")'), onlus)

    assert exported(portal, onlus)[1][1] == '\'=HYPERLINK("http://x")'


def test_the_file_speaks_italian(portal, onlus):
    gift(donor(), onlus, "1234.50")

    assert exported(portal, onlus, language="it")[1][6] == "1234,50"


@pytest.mark.parametrize("year", ["2027", "2019", "x", "20255", "٢٠٢٥", "-1"])
@pytest.mark.parametrize("path", ["tax-communication/", "tax-communication.csv"])
def test_a_year_that_has_not_begun_does_not_exist(portal, onlus, year, path):
    assert portal.get(f"/portal/{onlus.pk}/{path}", {"year": year}).status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_for_one_donor_and_for_three(portal, onlus, count, django_assert_num_queries):
    for _ in range(count):
        gift(donor(), onlus)

    with django_assert_num_queries(9):
        shown(portal, onlus)
