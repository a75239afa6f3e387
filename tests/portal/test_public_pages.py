from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import path

from accounts.models import Onlus
from goodplay import urls
from tests.factories.accounts import OnlusFactory, UserFactory
from tests.factories.donations import give_credits, make_donation, take_back
from tests.portal.conftest import NOON


def broken(request):
    raise RuntimeError("on purpose")


urlpatterns = [*urls.urlpatterns, path("broken/", broken)]
handler404, handler500 = urls.handler404, urls.handler500


def test_the_front_page_counts_what_is_true(client):
    onlus = OnlusFactory(name="Il Sentiero Verde", mission_statement="Trees for the city.")
    OnlusFactory(name="Not yet checked", status=Onlus.Status.UNDER_REVIEW)
    make_donation(UserFactory(), onlus, "1234.50", now=NOON)
    refunded = make_donation(UserFactory(), onlus, "5.00", now=NOON)
    take_back(refunded, now=NOON)
    give_credits(UserFactory(is_active=False), "1.00")
    UserFactory()

    response = client.get("/")

    figures = response.context["figures"]
    assert (figures.donated, figures.donations) == (Decimal("1234.50"), 1)
    assert (figures.organisations, figures.players) == (1, 2)
    assert "€1,234.50" in response.text
    assert "Il Sentiero Verde" in response.text
    assert "Not yet checked" not in response.text


def test_the_front_page_leads_to_every_door(client):
    page = client.get("/").text

    for door in ("/api/docs/", "/portal/", "/admin/"):
        assert f'href="{door}"' in page


def test_the_front_page_of_an_empty_house(client):
    response = client.get("/")

    assert response.context["figures"].donated == Decimal("0.00")
    assert "Who receives" not in response.text


def test_the_front_page_speaks_italian(client):
    page = client.get("/", headers={"accept-language": "it-IT,it;q=0.9"}).text

    assert '<html lang="it">' in page
    assert "Gioca bene. Dona bene." in page


def test_languages_we_do_not_speak_are_answered_in_english(client):
    assert '<html lang="en">' in client.get("/", headers={"accept-language": "fi"}).text


@pytest.mark.parametrize("count", [1, 3])
def test_the_front_page_costs_two_queries_once_its_figures_are_known(
    client, count, django_assert_num_queries
):
    for number in range(count):
        OnlusFactory(verified_at=NOON - timedelta(days=number))

    with django_assert_num_queries(9):
        client.get("/")
    with django_assert_num_queries(2):
        client.get("/")


@pytest.mark.parametrize(("language", "words"), [("en", "To the front page"), ("it", "Alla prima pagina")])
def test_a_missing_page_is_a_page_of_ours(client, language, words):
    response = client.get("/no/such/page", headers={"accept-language": language})

    assert response.status_code == 404
    assert words in response.text
    assert "css/goodplay.css" in response.text


def test_a_broken_page_is_a_page_of_ours_and_tells_no_secret(settings):
    settings.ROOT_URLCONF = __name__
    client = Client(raise_request_exception=False)

    response = client.get("/broken/")

    assert response.status_code == 500
    assert "Something broke on our side" in response.text
    assert "on purpose" not in response.text


def test_a_forged_form_is_answered_with_a_page_of_ours(member):
    client = Client(enforce_csrf_checks=True)

    response = client.post("/portal/sign-in/", {"email": member.email, "password": "x"})

    assert response.status_code == 403
    assert "This form was open for too long" in response.text


def test_the_api_documents_need_nothing_from_elsewhere(client):
    page = client.get("/api/docs/").text

    assert "/static/drf_spectacular_sidecar/swagger-ui-dist/swagger-ui-bundle.js" in page
    assert "https://" not in page
    assert "http://" not in page
