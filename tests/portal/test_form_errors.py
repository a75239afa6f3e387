"""What a form says that was filled in wrongly: above it, what is to be mended, each with a way to its field."""

import re

import pytest

from tests.factories.accounts import MembershipFactory, OnlusFactory

FUNDING = ["What it is about", "Amount in euros", "Field of work"]
LINK = re.compile(r'<li><a href="#([\w-]+)">([^<]+)</a></li>')
SUMMARY = re.compile(r'<div class="notice bad" role="alert"[^>]*>.*?</div>', re.DOTALL)


def summary_of(page):
    found = SUMMARY.search(page)
    return found[0] if found else ""


@pytest.mark.parametrize(
    ("page", "entry", "named"),
    [
        ("profile/", {"website_url": "javascript:alert(1)"}, ["Mission", "Contact e-mail", "Website"]),
        ("legal-data/", {}, ["Name", "Why"]),
        (
            "funding/new/",
            {"title": "A roof", "description": "Short", "urgency_level": 2, "priority": 2},
            FUNDING,
        ),
        ("updates/new/", {}, ["Title", "Text", "Type"]),
        ("stories/new/", {}, ["Italian title", "Italian teaser", "Italian text", "Category"]),
        ("metrics/new/", {}, ["What you count", "Type", "Unit", "Value"]),
        ("team/invite/", {}, ["E-mail address", "Role"]),
        ("bank-account/", {}, ["IBAN", "Account holder", "Town", "Country", "Your password"]),
        ("settings/second-step/", {}, ["Code", "Password"]),
    ],
)
def test_every_wrong_field_is_named_above_the_form_and_led_to(portal, onlus, page, entry, named):
    before = portal.get(f"/portal/{onlus.pk}/{page}")
    answer = portal.post(f"/portal/{onlus.pk}/{page}", {"csrfmiddlewaretoken": "", **entry})

    summary = summary_of(answer.text)
    links = dict(LINK.findall(summary))
    assert summary_of(before.text) == ""
    assert 'tabindex="-1" autofocus' in summary
    assert list(links.values()) == named
    assert [target for target in links if answer.text.count(f'id="{target}"') != 1] == []


def test_a_form_with_one_field_says_it_at_the_field_alone(portal, onlus):
    page = portal.post(f"/portal/{onlus.pk}/profile/logo/", {}).text

    assert LINK.findall(summary_of(page)) == []
    assert 'aria-describedby="id_logo_helptext id_logo_error"' in page


def test_who_has_several_seats_knows_them_by_their_marks(portal, member, django_assert_num_queries):
    MembershipFactory(onlus=OnlusFactory(name="Il Vicino"), user=member)

    with django_assert_num_queries(5):
        page = portal.get("/portal/").text

    assert re.findall(r'aria-hidden="true">(\w+)</span>', page) == ["SV", "V"]
