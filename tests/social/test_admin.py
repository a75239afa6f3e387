from datetime import datetime

import pytest
from django.urls import reverse

from goodplay.lib.time import ROME
from social.models import CountedDonation, CountedSession, ImpactScore, ImpactScoreHistory, Standing
from tests.factories.accounts import StaffFactory, UserFactory
from tests.factories.social import give, play

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 18, 12, tzinfo=ROME)


def page(model, kind, *args):
    return reverse(f"admin:social_{model._meta.model_name}_{kind}", args=args)


def test_a_score_shows_how_it_adds_up(client):
    alice = UserFactory(display_name="Alice")
    play(alice, minutes=60, at=NOON)
    score = give(alice, "50.00", at=NOON)
    client.force_login(StaffFactory())

    shown = client.get(page(ImpactScore, "change", score.pk)).content.decode()

    assert "0.30 × 41.00 + 0.20 × 0.00 + 0.50 × 463.66 = 244.13" in shown
    assert (
        "<tr><th>Play time</th><td>16.00</td><td>0.1 for each minute, at most 240; 10 for each day" in shown
    )
    assert "<tr><th>Amount</th><td>341.51</td><td>200 for each power of ten" in shown
    assert "<tr><th>Euros given</th><td>50.00</td>" in shown
    assert "_score</th>" not in shown  # every part has its own words


@pytest.mark.parametrize(
    "model", [ImpactScore, ImpactScoreHistory, Standing, CountedSession, CountedDonation]
)
def test_lists_open_and_nothing_can_be_written(client, model):
    alice = UserFactory(display_name="Alice")
    play(alice, at=NOON)
    give(alice, at=NOON)
    row = model.objects.first()
    client.force_login(StaffFactory())

    listed = client.get(page(model, "changelist"), {"q": alice.email})

    assert "Alice" in listed.content.decode()
    assert client.get(page(model, "add")).status_code == 403
    assert client.post(page(model, "change", row.pk), {"score": "1400.00"}).status_code == 403
    assert client.post(page(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    assert model.objects.filter(pk=row.pk).exists()


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_of_scores_costs_the_same_for_more(client, count, django_assert_num_queries):
    for player in UserFactory.create_batch(count):
        give(player, at=NOON)
    client.force_login(StaffFactory())
    client.get(page(ImpactScore, "changelist"))

    with django_assert_num_queries(6):
        client.get(page(ImpactScore, "changelist"))


def test_players_see_no_back_office(client):
    client.force_login(UserFactory())

    response = client.get(page(ImpactScore, "changelist"))

    assert response.status_code == 302
    assert response.url.startswith(reverse("admin:login"))
