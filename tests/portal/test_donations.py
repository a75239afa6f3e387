import csv
from datetime import datetime, timedelta
from decimal import Decimal
from io import StringIO

import pytest

from accounts.models import OnlusMembership
from goodplay.lib.time import ROME
from tests.factories.accounts import UserFactory
from tests.factories.donations import make_donation, take_back
from tests.portal.conftest import NOON


def listed(client, onlus, **days):
    return client.get(f"/portal/{onlus.pk}/donations/", days)


def amounts(response):
    return [row["amount"] for row in response.context["page"].object_list]


def table(client, onlus, language="en", **days):
    response = client.get(f"/portal/{onlus.pk}/donations.csv", days, headers={"accept-language": language})
    text = response.content.decode("utf-8-sig")
    return list(csv.reader(StringIO(text), delimiter=";" if language == "it" else ","))


def rome(day, hour, minute=0):
    return datetime(2026, 3, day, hour, minute, tzinfo=ROME)


def test_the_list_names_donors_who_want_it_and_nobody_else(portal, onlus):
    make_donation(UserFactory(display_name="Luca"), onlus, "1.00", now=NOON, message="Forza!")
    make_donation(UserFactory(display_name="Segreta"), onlus, "2.00", now=NOON, is_anonymous=True)

    response = listed(portal, onlus)

    assert "Luca" in response.text
    assert "Forza!" in response.text
    assert "Anonymous" in response.text


@pytest.mark.parametrize("path", ["", "donations/", "donations.csv"])
def test_no_page_betrays_an_anonymous_donor(portal, onlus, path):
    donor = UserFactory(
        display_name="Segreta", first_name="Ottavia", last_name="Nascosti", email="segreta@example.org"
    )
    make_donation(donor, onlus, "2.00", now=NOON, is_anonymous=True)

    page = portal.get(f"/portal/{onlus.pk}/{path}").text

    assert "2.00" in page
    for secret in ("Segreta", "Ottavia", "Nascosti", "segreta@", str(donor.pk)):
        assert secret not in page


def test_a_named_donor_shows_the_display_name_only(portal, onlus):
    donor = UserFactory(
        display_name="Luca", first_name="Lucio", last_name="Nascosti", email="luca@example.org"
    )
    make_donation(donor, onlus, "2.00", now=NOON)

    pages = listed(portal, onlus).text + str(table(portal, onlus))

    assert "Luca" in pages
    for secret in ("Lucio", "Nascosti", "luca@", str(donor.pk)):
        assert secret not in pages


def test_the_period_counts_days_of_rome(portal, onlus):
    for moment, amount in [
        (rome(9, 23, 59), "1"),
        (rome(10, 0), "2"),
        (rome(11, 23, 59), "4"),
        (rome(12, 0), "8"),
    ]:
        make_donation(UserFactory(), onlus, amount, now=moment)

    response = listed(portal, onlus, first="2026-03-10", last="2026-03-11")

    assert amounts(response) == [Decimal("4.00"), Decimal("2.00")]
    assert response.context["totals"].amount == Decimal("6.00")


def test_an_open_period_has_one_end(portal, onlus):
    for day in (1, 5, 9):
        make_donation(UserFactory(), onlus, f"{day}.00", now=rome(day, 12))

    assert amounts(listed(portal, onlus, first="2026-03-05")) == [Decimal("9.00"), Decimal("5.00")]
    assert amounts(listed(portal, onlus, last="2026-03-05")) == [Decimal("5.00"), Decimal("1.00")]


@pytest.mark.parametrize(
    ("first", "last", "field"),
    [
        ("2026-03-05", "2026-03-04", "last"),
        ("yesterday", "", "first"),
        ("0001-01-01", "", "first"),
        ("", "9999-12-31", "last"),
    ],
)
def test_a_senseless_period_is_told_and_exports_nothing(portal, onlus, first, last, field):
    make_donation(UserFactory(), onlus, "1.00", now=NOON)

    response = listed(portal, onlus, first=first, last=last)
    export = portal.get(f"/portal/{onlus.pk}/donations.csv", {"first": first, "last": last})

    assert set(response.context["form"].errors) == {field}
    assert "Download as CSV" not in response.text
    assert export.status_code == 302
    assert export.url.startswith(f"/portal/{onlus.pk}/donations/?")


def test_the_usual_periods_are_one_click_away(portal, onlus):
    offered = {span["label"]: span["query"] for span in listed(portal, onlus).context["spans"]}

    assert offered == {
        "All": "",
        "This month": "first=2026-03-01&last=2026-03-14",
        "Last month": "first=2026-02-01&last=2026-02-28",
        "This year": "first=2026-01-01&last=2026-03-14",
        "Last year": "first=2025-01-01&last=2025-12-31",
    }


def test_long_lists_have_pages_that_keep_the_period(portal, onlus):
    donor = UserFactory()
    for minutes in range(26):
        make_donation(donor, onlus, f"{minutes + 1}.00", now=NOON - timedelta(minutes=minutes))

    first = listed(portal, onlus, first="2026-03-01")
    second = listed(portal, onlus, first="2026-03-01", page=2)

    assert 'href="?first=2026-03-01&amp;page=2"' in first.text
    assert (len(amounts(first)), amounts(second)) == (25, [Decimal("26.00")])
    assert first.context["totals"].amount == Decimal("351.00")


@pytest.mark.parametrize("number", ["0", "-1", "99", "x", "9" * 30])
def test_a_page_that_is_not_there_is_the_nearest_that_is(portal, onlus, number):
    make_donation(UserFactory(), onlus, "1.00", now=NOON)

    assert amounts(listed(portal, onlus, page=number)) == [Decimal("1.00")]


def test_a_refund_is_shown_and_not_counted(portal, onlus):
    refunded = make_donation(UserFactory(), onlus, "5.00", now=NOON)
    take_back(refunded, now=NOON)

    response = listed(portal, onlus)

    assert (response.context["totals"].rows, response.context["totals"].amount) == (1, Decimal("0.00"))
    assert "Refunded" in response.text


def test_an_empty_period_says_so(portal, onlus):
    make_donation(UserFactory(), onlus, "1.00", now=NOON)

    assert "Nothing in this period" in listed(portal, onlus, last="2026-01-01").text


def test_the_export_holds_what_the_list_holds(portal, onlus):
    given = make_donation(
        UserFactory(display_name="Luca"), onlus, "1234.50", now=rome(10, 18, 5), message="Forza!"
    )
    make_donation(UserFactory(), onlus, "1.00", now=rome(12, 9))

    header, *rows = table(portal, onlus, last="2026-03-11")

    assert header[:4] == ["Date", "Time (Rome)", "Donor", "Amount in EUR"]
    assert rows == [
        [
            "2026-03-10",
            "18:05",
            "Luca",
            "1234.50",
            "1234.50",
            "0.00",
            "0.00",
            "Completed",
            "Forza!",
            str(given.pk),
        ]
    ]


def test_the_export_suits_an_italian_spreadsheet(portal, onlus):
    make_donation(UserFactory(), onlus, "1234.50", now=NOON, is_anonymous=True)

    header, row = table(portal, onlus, language="it")

    assert header[2:4] == ["Donatore", "Importo in EUR"]
    assert row[2:6] == ["Anonimo", "1234,50", "1234,50", "0,00"]


def test_the_export_is_a_download_with_a_speaking_name(portal, onlus):
    response = portal.get(f"/portal/{onlus.pk}/donations.csv")

    assert response["Content-Disposition"] == 'attachment; filename="il-sentiero-verde-2026-03-14.csv"'
    assert response.content.startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize(
    "start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", " =", "\xa0@"]
)
def test_words_of_donors_never_run_as_formulas(portal, onlus, start):
    formula = f'{start}HYPERLINK("https://evil.example")'
    make_donation(UserFactory(display_name=formula), onlus, "1.00", now=NOON, message=formula)

    _header, row = table(portal, onlus)

    assert row[2] == row[8] == f"'{formula}"


def test_words_of_donors_are_text_on_the_page(portal, onlus):
    make_donation(
        UserFactory(display_name="<b>Luca</b>"), onlus, "1.00", now=NOON, message="<script>x()</script>"
    )

    response = listed(portal, onlus)

    assert "&lt;b&gt;Luca&lt;/b&gt;" in response.text
    assert "<script>x()" not in response.text


@pytest.mark.parametrize("role", OnlusMembership.Role.values)
def test_every_role_may_read(portal, member, onlus, role):
    member.onlus_memberships.update(role=role)

    assert listed(portal, onlus).status_code == 200


def test_losing_the_seat_closes_the_page_at_once(portal, member, onlus):
    member.onlus_memberships.all().delete()

    assert listed(portal, onlus).status_code == 403


def test_pages_only_read(portal, onlus):
    for path in ("", "donations/", "donations.csv"):
        assert portal.post(f"/portal/{onlus.pk}/{path}").status_code == 405


@pytest.mark.parametrize("count", [1, 3])
def test_list_and_export_cost_a_fixed_number_of_queries(portal, onlus, count, django_assert_num_queries):
    for _number in range(count):
        make_donation(UserFactory(), onlus, "1.00", now=NOON)

    with django_assert_num_queries(6):
        listed(portal, onlus)
    with django_assert_num_queries(4):
        table(portal, onlus)
