"""Receipts by mail: one for each document, and one more whenever its donor asks."""

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Preferences, User
from donations.follow_links import follow_address
from donations.models import Receipt, ReceiptMail
from donations.operations import printing
from donations.signals import receipt_mail_requested
from goodplay.lib.errors import DomainError

Status = ReceiptMail.Status
MOST_REQUESTS = 3
REQUESTS_WITHIN = timedelta(days=1)


class TooManyRequests(DomainError):
    code = "RECEIPT_RESEND_LIMIT"
    message = gettext_lazy(
        "This receipt was sent to you three times today. Look among unwanted mail, or download it."
    )
    status = 429


@transaction.atomic
def send_issued(*, receipt_id: UUID, now: datetime) -> None:
    """Send a receipt that was just issued, unless its donor wants no such mail. Once, however often it is told."""
    mail, _created = ReceiptMail.objects.get_or_create(
        receipt_id=receipt_id, cause=ReceiptMail.Cause.ISSUE, defaults={"created_at": now}
    )
    _send(mail, now)


@transaction.atomic
def request(*, receipt: Receipt, now: datetime) -> ReceiptMail:
    """Ask for the receipt by mail once more; it follows after the commit. Raises TooManyRequests."""
    Receipt.objects.select_for_update(of=("self",)).get(pk=receipt.pk)
    asked = receipt.mails.filter(cause=ReceiptMail.Cause.REQUEST, created_at__gt=now - REQUESTS_WITHIN)
    if asked.count() >= MOST_REQUESTS:
        raise TooManyRequests
    mail = ReceiptMail.objects.create(receipt=receipt, cause=ReceiptMail.Cause.REQUEST, created_at=now)
    receipt_mail_requested.announce(mail=mail)
    return mail


@transaction.atomic
def send_requested(*, mail_id: UUID, now: datetime) -> None:
    _send(ReceiptMail.objects.get(pk=mail_id), now)


def _send(mail: ReceiptMail, now: datetime) -> None:
    """Send what still waits, and note it. Locks the row: of two at once the second finds it sent.

    The mail leaves last: when the server refuses it, nothing is noted and the events try again. Its Message-ID is the
    row's, so that a mailbox recognises a repeat after a crash between sending and noting.
    """
    mail = ReceiptMail.objects.select_for_update(of=("self",)).get(pk=mail.pk)
    if mail.status != Status.WAITING:
        return
    receipt = Receipt.objects.select_related(
        "donation__donor__preferences", "donor_profile", "voided_by"
    ).get(pk=mail.receipt_id)
    donor = receipt.donation.donor
    wanted = donor.is_active and (mail.cause == ReceiptMail.Cause.REQUEST or _is_news(receipt, donor))
    mail.status, mail.closed_at = (Status.SENT if wanted else Status.SKIPPED), now
    mail.save(update_fields=["status", "closed_at"])
    if wanted:
        _message(mail, receipt, donor).send()


def _is_news(receipt: Receipt, donor: User) -> bool:
    """Say whether to write unasked: not about a receipt that is void by now, for the next mail tells what counts."""
    return not hasattr(receipt, "voided_by") and _wants(donor)


def _wants(donor: User) -> bool:
    """Say whether the donor lets us confirm donations by mail; who never chose does."""
    try:
        chosen = donor.preferences.notifications
    except Preferences.DoesNotExist:
        return True
    return bool(chosen.get("email_enabled", True) and chosen.get("donation_confirmations", True))


def _message(mail: ReceiptMail, receipt: Receipt, donor: User) -> EmailMultiAlternatives:
    language = donor.preferred_language if donor.preferred_language in printing.LANGUAGES else "en"
    with translation.override(language):
        facts = {
            "donor": donor,
            "receipt": receipt,
            "facts": receipt.facts,
            "language": language,
            "check": printing.check_address(receipt.code),
            "follow": "" if receipt.kind == Receipt.Kind.VOID else follow_address(receipt.donation_id),
        }
        message = EmailMultiAlternatives(
            _("Your receipt %(number)s") % {"number": receipt.reference},
            render_to_string("mail/receipt.txt", facts),
            settings.DEFAULT_FROM_EMAIL,
            [donor.email],
            headers={"Message-ID": f"<receipt-{mail.pk}@{_domain()}>"},
        )
        message.attach_alternative(render_to_string("mail/receipt.html", facts), "text/html")
        pdf = printing.print_receipt(receipt=receipt, language=language)
    message.attach(f"{receipt.reference}.pdf", pdf, "application/pdf")
    return message


def _domain() -> str:
    return settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">") or "goodplay.example"
