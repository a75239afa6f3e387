"""Alerts speak the language of whoever reads them, whatever language they were raised in."""

from datetime import UTC, datetime

import pytest
from django.core import mail
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from goodplay.lib.alerts import mails
from goodplay.lib.alerts.operations import raise_alert
from tests.accounts.test_roles import member_of
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)


PAYMENTS = _("Payments")


def raised(title=PAYMENTS, message=lambda: str(_("Donations")) + " 3", **columns):
    return raise_alert(
        area="security",
        alert_type="test",
        severity="high",
        title=title,
        message=message,
        dedupe_key="test",
        source="test",
        now=NOW,
        **columns,
    )


def test_an_alert_raised_in_italian_is_read_in_both():
    with override("it"):
        alert = raised()
        italian = alert.heading, alert.text

    assert (alert.title, alert.message) == (alert.heading, alert.text) == ("Payments", "Donations 3")
    assert italian == ("Pagamenti", "Donazioni 3")


def test_plain_words_stay_as_they_are_and_a_new_title_replaces_all():
    raised()
    alert = raised(title="Disk /var", message="")

    with override("it"):
        assert (alert.heading, alert.text) == ("Disk /var", "")


def test_list_page_and_mail_are_in_the_readers_language(client):
    alert = raised()
    reader = member_of("admin", preferred_language="it")
    client.force_login(reader)
    page = reverse("admin:alerts_alert_change", args=[alert.pk])

    for address in (reverse("admin:alerts_alert_changelist"), page):
        assert "Pagamenti" in client.get(address, headers={"Accept-Language": "it"}).content.decode()
        assert "Payments" in client.get(address, headers={"Accept-Language": "en"}).content.decode()
    mails.tell_staff(alert_id=alert.pk)

    [letter] = mail.outbox
    assert (letter.to, "Pagamenti" in letter.subject, "Donazioni 3" in letter.body) == (
        [reader.email],
        True,
        True,
    )


def test_the_text_of_an_alert_never_runs(client):
    raised(title="<script>alert(1)</script>", message="<img src=x>")
    client.force_login(UserFactory(is_staff=True, is_superuser=True))

    page = client.get(reverse("admin:alerts_alert_changelist")).content.decode()

    assert "<script>alert(1)" not in page
