"""What the compliance dashboard counts of people: documents, hits, and how good the screener is."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Group

from donations.models import ScreeningQuality
from tests.factories.accounts import UserFactory
from tests.factories.identity import begin, submitted
from tests.factories.screening import import_pep, screen_all

pytestmark = pytest.mark.django_db


@pytest.fixture
def figures(client):
    rita = UserFactory(is_staff=True)
    rita.groups.add(Group.objects.get(name="compliance"))
    client.force_login(rita)

    def read():
        page = client.get("/admin/", {"board": "compliance"})
        return {str(each.label): each for each in page.context["content"].figures}

    return read


def test_nothing_waits_and_nothing_was_measured(figures):
    found = figures()

    assert [found[name].value for name in ("Identities waiting", "Open list hits")] == [0, 0]
    assert str(found["Screener quality (F1)"].value) == "Not measured"


def test_documents_handed_in_count_and_lead_to_their_rows(figures, client):
    submitted(UserFactory())
    begin(UserFactory())

    figure = figures()["Identities waiting"]

    assert figure.value == 1
    assert client.get(figure.url).context["cl"].result_count == 1


def test_open_hits_count_and_lead_to_their_rows(figures, client):
    import_pep()
    UserFactory(first_name="Ottavia", last_name="Brandolini")
    screen_all()

    figure = figures()["Open list hits"]

    assert (figure.value, figure.tone) == (1, "bad")
    assert client.get(figure.url).context["cl"].result_count == 1


def test_the_screener_shows_what_was_measured_last(figures, client):
    for day, f1 in ((1, "0.9000"), (2, "0.9500")):
        ScreeningQuality.objects.create(
            code_version="1",
            f1=f1,
            precision="0.97",
            recall="0.93",
            report={},
            measured_at=datetime(2026, 11, day, tzinfo=UTC),
        )

    figure = figures()["Screener quality (F1)"]

    assert figure.value == "0.9500"
    assert client.get(figure.url).context["cl"].result_count == 2
