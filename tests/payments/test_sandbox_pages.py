"""The payment page, as a payer meets it: no sign-in, no JavaScript, no real card."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from donations.payments.sandbox.cards import CARDS
from donations.payments.sandbox.models import SandboxPayment
from tests.payments.sandboxes import NOW, created, row_of

pytestmark = pytest.mark.django_db
Status = SandboxPayment.Status
BACK, GIVEN_UP = "https://play.goodplay.example/paid", "https://play.goodplay.example/given-up"


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


@pytest.fixture
def payment():
    return row_of(created(amount="1234.50", return_url=BACK, cancel_url=GIVEN_UP))


def page(payment, step="pay"):
    return reverse(f"sandbox:{step}", args=[payment.pk, payment.token])


def typed(slug="succeeds", **changes):
    return {"number": CARDS[slug].grouped, "expires": "12 / 39", "code": "123", **changes}


def status_of(payment):
    payment.refresh_from_db()
    return payment.status


def test_the_page_says_what_is_paid_to_whom_and_that_it_is_a_test(client, payment):
    response = client.get(page(payment))

    assert response.status_code == 200
    for said in ("€1,234.50", "GoodPlay", "Wallet top-up", "No real money moves", "4242 4242 4242 4242"):
        assert said in response.text
    assert all(card.grouped in response.text for card in CARDS.values())
    assert response.headers["Cache-Control"].startswith("max-age=0, no-cache, no-store")


def test_paying_leads_to_the_result_and_back_to_goodplay(client, payment):
    response = client.post(page(payment), typed(), follow=True)

    assert response.redirect_chain == [(page(payment, "result"), 302)]
    assert f'href="{BACK}"' in response.text
    assert status_of(payment) == Status.SUCCEEDED
    assert (payment.card, payment.expires_on) == ("succeeds", "2039-12")
    assert client.get(page(payment)).headers["Location"] == page(payment, "result")
    assert client.post(page(payment), typed()).headers["Location"] == page(payment, "result")


def test_a_card_of_the_list_fills_in_the_form(client, payment):
    response = client.get(page(payment) + "?card=asks")

    assert 'value="4000 0000 0000 3220"' in response.text
    assert response.text.count('aria-current="true"') == 1
    assert client.get(page(payment) + "?card=nonsense").status_code == 200


@pytest.mark.parametrize("number", ["4111 1111 1111 1111", "5500005555555559", "", "x", "4242-4242-4242-424"])
def test_other_numbers_than_test_cards_are_refused_and_not_kept(client, payment, number):
    response = client.post(page(payment), typed(number=number))

    assert response.status_code == 422
    assert status_of(payment) == Status.PENDING
    assert payment.card == ""


@pytest.mark.parametrize(
    "changes",
    [
        {"expires": "13 / 39"},
        {"expires": "12"},
        {"expires": "1239"},
        {"code": "12"},
        {"code": "١٢٣"},
        {"code": ""},
    ],
)
def test_what_cannot_be_read_is_said_beside_the_field(client, payment, changes):
    response = client.post(page(payment), typed(**changes))

    assert response.status_code == 422
    assert response.text.count('class="errorlist"') == 1
    assert 'aria-invalid="true"' in response.text
    assert status_of(payment) == Status.PENDING


@pytest.mark.parametrize("written", ["12/39", "12 / 2039", " 12/39 "])
def test_a_month_is_understood_as_people_write_it(client, payment, written):
    client.post(page(payment), typed(expires=written))

    assert status_of(payment) == Status.SUCCEEDED
    assert payment.expires_on == "2039-12"


@pytest.mark.parametrize(("expires", "status"), [("02 / 26", Status.PENDING), ("03 / 26", Status.SUCCEEDED)])
def test_a_card_is_good_until_its_month_ends(client, payment, expires, status):
    client.post(page(payment), typed(expires=expires))

    assert status_of(payment) == status
    assert payment.error_code == ("expired_card" if status == Status.PENDING else "")


def test_after_a_declined_card_another_one_pays(client, payment):
    response = client.post(page(payment), typed("no_money"))

    assert response.status_code == 422
    assert "There is not enough money on the card." in response.text
    assert (status_of(payment), payment.error_code) == (Status.PENDING, "insufficient_funds")
    client.post(page(payment), typed())
    assert status_of(payment) == Status.SUCCEEDED


def test_the_bank_asks_and_the_holder_answers(client, payment):
    asked = client.post(page(payment), typed("asks"), follow=True)
    assert asked.redirect_chain == [(page(payment, "authenticate"), 302)]
    assert "card ending in 3220" in asked.text
    assert status_of(payment) == Status.REQUIRES_ACTION

    answered = client.post(page(payment, "authenticate"), {"answer": "yes"}, follow=True)

    assert answered.redirect_chain[-1] == (page(payment, "result"), 302)
    assert status_of(payment) == Status.SUCCEEDED


@pytest.mark.parametrize(("slug", "answer"), [("asks", "no"), ("asks", ""), ("asks_in_vain", "yes")])
def test_a_wrong_answer_leads_back_to_the_cards(client, payment, slug, answer):
    client.post(page(payment), typed(slug))

    response = client.post(page(payment, "authenticate"), {"answer": answer}, follow=True)

    assert response.redirect_chain == [(page(payment), 302)]
    assert "could not make sure that it is you" in response.text
    assert status_of(payment) == Status.PENDING


def test_the_question_is_asked_only_when_it_is_open(client, payment):
    assert client.get(page(payment, "authenticate")).headers["Location"] == page(payment)
    assert client.post(page(payment, "authenticate"), {"answer": "yes"}).headers["Location"] == page(payment)
    assert status_of(payment) == Status.PENDING


def test_a_slow_payment_can_be_looked_at_again(client, clock, payment):
    waiting = client.post(page(payment), typed("slow"), follow=True)
    assert "The bank takes its time" in waiting.text

    clock.shift(timedelta(seconds=20))

    assert "Thank you" in client.get(page(payment, "result")).text
    assert status_of(payment) == Status.SUCCEEDED


def test_a_slow_failure_is_told(client, clock, payment):
    client.post(page(payment), typed("slow_failure"))
    clock.shift(timedelta(seconds=20))

    assert "The bank refused the payment after a while." in client.get(page(payment, "result")).text


@pytest.mark.parametrize(("slug", "status"), [("broken", Status.PENDING), ("answer_lost", Status.SUCCEEDED)])
def test_a_breakdown_says_to_look_what_happened(client, payment, slug, status):
    response = client.post(page(payment), typed(slug))

    assert response.status_code == 503
    assert f'href="{page(payment)}"' in response.text
    assert status_of(payment) == status


def test_giving_up_leads_back(client, payment):
    response = client.post(page(payment, "cancel"))

    assert (response.status_code, response.headers["Location"]) == (302, GIVEN_UP)
    assert status_of(payment) == Status.CANCELLED
    assert "Nothing was paid" in client.get(page(payment, "result")).text
    assert client.post(page(payment), typed()).headers["Location"] == page(payment, "result")
    assert status_of(payment) == Status.CANCELLED


def test_a_paid_payment_cannot_be_given_up(client, payment):
    client.post(page(payment), typed())

    assert client.post(page(payment, "cancel")).headers["Location"] == page(payment, "result")
    assert status_of(payment) == Status.SUCCEEDED


def test_without_an_address_to_return_to_the_page_can_be_closed(client):
    payment = row_of(created())

    response = client.post(page(payment, "cancel"), follow=True)

    assert "You can close this page." in response.text


def test_looking_changes_nothing(client, payment):
    for step in ("authenticate", "result"):
        assert client.get(page(payment, step)).status_code == 302
    assert client.get(page(payment, "cancel")).status_code == 405
    assert client.head(page(payment)).status_code == 200
    assert status_of(payment) == Status.PENDING


@pytest.mark.parametrize("step", ["pay", "authenticate", "cancel", "result"])
def test_nobody_finds_a_payment_without_its_token(client, payment, step):
    other = row_of(created())
    addresses = [
        reverse(f"sandbox:{step}", args=[payment.pk, other.token]),
        reverse(f"sandbox:{step}", args=[payment.pk, payment.token[:-1]]),
        reverse(f"sandbox:{step}", args=[uuid4(), payment.token]),
    ]

    for address in addresses:
        assert client.post(address, typed() | {"answer": "yes"}).status_code == 404
    assert status_of(payment) == Status.PENDING


@pytest.mark.parametrize("step", ["pay", "authenticate", "cancel", "result"])
@pytest.mark.parametrize("off", ["SANDBOX_PAYMENTS", "SANDBOX_PAYMENTS_IN_PRODUCTION"])
def test_a_closed_sandbox_has_no_pages(client, payment, settings, step, off):
    setattr(settings, off, False)

    assert client.get(page(payment, step)).status_code == 404
    assert client.post(page(payment, step), typed()).status_code == 404
    assert status_of(payment) == Status.PENDING


@pytest.mark.parametrize("step", ["pay", "authenticate", "cancel"])
def test_forged_forms_are_refused(payment, step):
    response = Client(enforce_csrf_checks=True).post(page(payment, step), typed())

    assert response.status_code == 403
    assert status_of(payment) == Status.PENDING


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_one_query(client, payment, count, django_assert_num_queries):
    for _ in range(count - 1):
        created()

    with django_assert_num_queries(1):
        client.get(page(payment))
