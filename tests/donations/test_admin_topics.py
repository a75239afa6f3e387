"""The many screens of money stand under topics, each once."""

from collections import Counter

import pytest
from django.contrib import admin
from django.urls import reverse

from donations.admin.topics import TOPICS
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def chief(client):
    user = UserFactory(is_staff=True, is_superuser=True)
    client.force_login(user)
    return client


def test_every_screen_stands_under_one_topic():
    named = Counter(model for models in TOPICS.values() for model in models)
    registered = {model for model in admin.site._registry if model._meta.app_label == "donations"}

    assert set(named) == registered
    assert set(named.values()) == {1}


@pytest.mark.parametrize("page", ["admin:index", "admin:app_list"])
def test_the_pages_show_the_topics_in_their_order(chief, page):
    answer = chief.get(reverse(page, args=["donations"] if page == "admin:app_list" else []))

    shown = [part for part in answer.context["app_list"] if part["app_label"] == "donations"]
    assert [str(part["name"]) for part in shown] == [str(topic) for topic in TOPICS]
    payments = next(part for part in shown if part["name"] == "Payments")
    assert payments["models"][0]["object_name"] == "PaymentIntent"


def test_the_page_of_the_app_keeps_its_name(chief):
    answer = chief.get(reverse("admin:app_list", args=["donations"]))

    assert answer.context["title"] == "Donations"
    assert chief.get("/admin/nothing-of-ours/").status_code == 404


def test_who_may_see_little_sees_no_empty_topic(client):
    analyst = UserFactory(is_staff=True)
    client.force_login(analyst)

    answer = client.get(reverse("admin:index"))

    assert [part for part in answer.context["app_list"] if not part["models"]] == []
    assert "Payouts and the bank" not in answer.content.decode()
