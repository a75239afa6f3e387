"""One mail for each receipt, however often it is told; in the donor's language, and only where it is wanted."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from accounts.models import Preferences
from donations.models import Receipt, ReceiptMail
from donations.operations import receipt_mail, receipts
from donations.receivers import mail_receipt
from goodplay.lib.events.delivery import deliver, sweep
from goodplay.lib.events.models import Delivery, Event
from tests.factories.accounts import OnlusFactory, UserFactory
from tests.factories.donations import NOW, make_donation, take_back
from tests.threads import at_once, crowd


def issued(donor=None, **options):
    donation = make_donation(
        donor or UserFactory(), OnlusFactory(name="Il Sentiero Verde"), "5.00", **options
    )
    return receipts.bring_in_line(donation_id=donation.pk, now=NOW)


class BrokenServer(EmailBackend):
    """A mail server that is away for the first messages."""

    failures = 0

    def send_messages(self, messages):
        if BrokenServer.failures:
            BrokenServer.failures -= 1
            raise ConnectionRefusedError("the mail server is away")
        return super().send_messages(messages)


@pytest.mark.django_db
def test_a_donation_brings_one_mail_with_its_receipt(django_capture_on_commit_callbacks):
    donor = UserFactory(email="luca@example.org", preferred_language="it")

    with django_capture_on_commit_callbacks(execute=True):
        make_donation(donor, OnlusFactory(name="Il Sentiero Verde"), "5.00")

    (message,) = mail.outbox
    receipt = Receipt.objects.get()
    name, pdf, kind = message.attachments[0]
    assert (message.to, name, kind) == (["luca@example.org"], f"{receipt.reference}.pdf", "application/pdf")
    assert pdf.startswith(b"%PDF-")
    assert receipt.reference in message.subject
    assert "Il Sentiero Verde" in message.body
    assert receipt.code in message.body
    html, html_type = message.alternatives[0]
    assert html_type == "text/html"
    assert '<html lang="it">' in html
    assert ReceiptMail.objects.get().status == "sent"


@pytest.mark.django_db
def test_telling_it_a_thousand_times_sends_one_mail():
    receipt = issued()

    for _ in range(1000):
        mail_receipt(receipt_id=receipt.pk, now=NOW)

    assert len(mail.outbox) == 1
    assert ReceiptMail.objects.count() == 1


@pytest.mark.django_db
def test_delivering_the_event_again_sends_nothing(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        issued()

    for event in Event.objects.filter(name="receipt_issued"):
        deliver(event.pk)

    assert len(mail.outbox) == 1


@pytest.mark.race
def test_told_by_many_at_once_it_is_sent_once(real_transactions):
    receipt = issued()

    at_once(crowd(20, 4), lambda number: mail_receipt(receipt_id=receipt.pk, now=NOW))

    assert len(mail.outbox) == 1
    assert ReceiptMail.objects.get().status == "sent"


@pytest.mark.django_db
def test_a_mail_server_that_is_away_loses_no_receipt_and_no_mail(
    settings, django_capture_on_commit_callbacks
):
    settings.EMAIL_BACKEND = f"{__name__}.BrokenServer"
    BrokenServer.failures = 1

    with django_capture_on_commit_callbacks(execute=True):
        issued()

    assert (Receipt.objects.count(), len(mail.outbox), ReceiptMail.objects.count()) == (1, 0, 0)
    failed = Delivery.objects.get(handler="donations.mail_receipt")
    assert failed.status == "retrying"
    with django_capture_on_commit_callbacks(execute=True):
        sweep(failed.next_attempt_at + timedelta(seconds=1))
    assert len(mail.outbox) == 1
    assert ReceiptMail.objects.get().status == "sent"


@pytest.mark.parametrize("choice", [{"email_enabled": False}, {"donation_confirmations": False}])
@pytest.mark.django_db
def test_who_wants_no_mail_gets_none(choice):
    donor = UserFactory()
    donor.preferences.notifications.update(choice)
    donor.preferences.save()
    receipt = issued(donor)

    mail_receipt(receipt_id=receipt.pk, now=NOW)

    assert mail.outbox == []
    assert ReceiptMail.objects.get().status == "skipped"


@pytest.mark.django_db
def test_who_never_chose_is_told():
    donor = UserFactory()
    Preferences.objects.filter(user=donor).delete()
    receipt = issued(donor)

    mail_receipt(receipt_id=receipt.pk, now=NOW)

    assert len(mail.outbox) == 1


@pytest.mark.django_db
def test_a_closed_account_gets_no_mail():
    donor = UserFactory()
    receipt = issued(donor)
    donor.is_active = False
    donor.save()

    mail_receipt(receipt_id=receipt.pk, now=NOW)

    assert mail.outbox == []


@pytest.mark.django_db
def test_a_language_we_do_not_speak_is_written_in_english():
    receipt = issued(UserFactory(preferred_language="ja"))

    mail_receipt(receipt_id=receipt.pk, now=NOW)

    assert mail.outbox[0].subject == f"Your receipt {receipt.reference}"


@pytest.mark.django_db
def test_a_refund_brings_one_mail_about_what_counts_now(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        donation = make_donation(UserFactory(), OnlusFactory(), "5.00")
    with django_capture_on_commit_callbacks(execute=True):
        take_back(donation, "2.00")
    with django_capture_on_commit_callbacks(execute=True):
        take_back(donation)

    numbers = [message.attachments[0][0] for message in mail.outbox]
    assert [number[9:15] for number in numbers] == ["000001", "000003", "000004"]
    assert "It replaces RCP-" in mail.outbox[1].body
    assert "was given back" in mail.outbox[2].body


@pytest.mark.django_db
def test_a_receipt_that_is_void_by_now_is_not_sent():
    receipt = issued()
    take_back(receipt.donation, "1.00")
    receipts.bring_in_line(donation_id=receipt.donation_id, now=NOW)

    mail_receipt(receipt_id=receipt.pk, now=NOW)

    assert mail.outbox == []
    assert ReceiptMail.objects.get().status == "skipped"


@pytest.mark.django_db
def test_a_message_with_markup_stays_text():
    donor = UserFactory(display_name="<b>Bob</b>")
    receipt = issued(donor)

    mail_receipt(receipt_id=receipt.pk, now=NOW)

    html, _kind = mail.outbox[0].alternatives[0]
    assert "<b>Bob" not in html
    assert "<b>Bob</b>" in mail.outbox[0].body


# Once more, on request --------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_asking_again_sends_it_again_even_to_who_wants_no_mail(django_capture_on_commit_callbacks):
    donor = UserFactory()
    donor.preferences.notifications["email_enabled"] = False
    donor.preferences.save()
    receipt = issued(donor)

    with django_capture_on_commit_callbacks(execute=True):
        asked = receipt_mail.request(receipt=receipt, now=NOW)

    assert len(mail.outbox) == 1
    asked.refresh_from_db()
    assert (asked.cause, asked.status) == ("request", "sent")


@pytest.mark.django_db
def test_a_receipt_is_sent_again_three_times_a_day():
    receipt = issued()
    for _ in range(3):
        receipt_mail.request(receipt=receipt, now=NOW)

    with pytest.raises(receipt_mail.TooManyRequests):
        receipt_mail.request(receipt=receipt, now=NOW + timedelta(hours=23))

    assert receipt.mails.count() == 3
    receipt_mail.request(receipt=receipt, now=NOW + timedelta(hours=25))
