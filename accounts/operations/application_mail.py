"""What applicants are told by mail, in their language, each time something happens to their application."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import ApplicationAppeal, Onlus, OnlusApplication, OnlusDocument
from accounts.operations import team_mail
from goodplay.lib import mail
from goodplay.lib.time import rome_day


@dataclass(frozen=True, slots=True)
class News:
    subject: str | Promise
    lines: Callable[[OnlusApplication], list[str]]


def _submitted(row: OnlusApplication) -> list[str]:
    day = rome_day(row.review_deadline) if row.review_deadline else ""
    return [
        gettext("we have your application. We look at it and decide by %(day)s.") % {"day": day},
        gettext("On its page you see how far it is, and can write to us."),
    ]


def _asked(row: OnlusApplication) -> list[str]:
    day = rome_day(row.answer_due_at) if row.answer_due_at else ""
    return [
        gettext("we need something from you to go on. You find it on the page of your application."),
        gettext("Please answer by %(day)s; after that day we must reject it.") % {"day": day},
    ]


def _written(row: OnlusApplication) -> list[str]:
    return [gettext("there is a new message for you on the page of your application.")]


def _approved(row: OnlusApplication) -> list[str]:
    lines = [gettext("welcome! Your organisation was taken in, and you own its pages in the portal.")]
    lines += [
        gettext("By %(day)s you still owe: %(text)s") % {"day": each.due_on, "text": each.text}
        for each in row.conditions.order_by("due_on")
    ]
    return [*lines, gettext("People can give to you once your bank account is verified.")]


def _rejected(row: OnlusApplication) -> list[str]:
    return [
        gettext("we cannot take your organisation in: %(reason)s") % {"reason": row.rejection_reason},
        gettext(
            "You may appeal within 30 days, on the page of the application; or apply again after six months."
        ),
    ]


def _expired(row: OnlusApplication) -> list[str]:
    return [gettext("your application was not finished in time and is closed. You can begin a new one.")]


def _appeal(row: OnlusApplication) -> list[str]:
    decided = ApplicationAppeal.objects.get(application=row)
    if decided.status == ApplicationAppeal.Status.GRANTED:
        first = gettext("your appeal was granted: somebody else looks at your application anew.")
    else:
        first = gettext("your appeal was refused.")
    return [first, decided.decision_reason]


NEWS: dict[str, News] = {
    "application_submitted": News(_("We have your application"), _submitted),
    "application_info_requested": News(_("We need something for your application"), _asked),
    "application_message_written": News(_("A message about your application"), _written),
    "application_approved": News(_("Your organisation is taken in"), _approved),
    "application_rejected": News(_("Your application was rejected"), _rejected),
    "application_expired": News(_("Your application has expired"), _expired),
    "application_appeal_decided": News(_("Your appeal is decided"), _appeal),
}


def tell(*, application_id: UUID, event_name: str) -> None:
    """Write to the applicant what just happened, as it stands now."""
    row = OnlusApplication.objects.select_related("applicant").get(pk=application_id)
    news = NEWS[event_name]
    _send(row, news.subject, news.lines)


def tell_of_document(*, document_id: UUID, event_name: str) -> None:
    """Write that a paper must be handed in again, or ends soon. One that was approved needs no mail."""
    document = OnlusDocument.objects.select_related("application__applicant", "application__onlus").get(
        pk=document_id
    )
    if document.application.onlus is not None:
        _tell_owners(document, document.application.onlus, event_name)
        return
    name = document.get_document_type_display
    if event_name == "document_expiring" and document.expires_at is not None:
        day = rome_day(document.expires_at)
        _send(
            document.application,
            _("A document ends soon"),
            lambda row: [
                gettext(
                    "a document of your organisation ends on %(day)s: %(document)s. Please have a new one ready."
                )
                % {"day": day, "document": name()}
            ],
        )
    elif document.status in OnlusDocument.ASKED_AGAIN:
        _send(
            document.application,
            _("Please hand in a document again"),
            lambda row: [
                gettext("please hand in a document again: %(document)s.") % {"document": name()},
                document.rejection_reason or gettext("It is no longer valid."),
            ],
        )


def _tell_owners(document: OnlusDocument, onlus: Onlus, event_name: str) -> None:
    """Write to the owners of an organisation that was taken in: they hand new papers in on its own page."""
    words = {"reason": document.rejection_reason}

    def named() -> dict[str, str]:
        day = rome_day(document.expires_at) if document.expires_at else ""
        return {"document": document.get_document_type_display(), "day": str(day)}

    if event_name == "document_expiring":
        subject: Any = _("A document ends soon")
        sentences: list[team_mail.Words] = [
            lambda: (
                gettext("“%(document)s” ends on %(day)s. Hand a new one in: it is looked at like the first.")
                % named()
            )
        ]
    elif document.status in OnlusDocument.ASKED_AGAIN:
        subject = _("Please hand in a document again")
        sentences = [lambda: gettext("Please hand in a document again: %(document)s.") % named()]
        sentences.append(lambda: words["reason"] or gettext("It is no longer valid."))
    else:
        return
    team_mail.tell(team_mail.owners(onlus), onlus, subject=subject, sentences=sentences, page="portal:papers")


def _send(
    row: OnlusApplication, subject: str | Promise, lines: Callable[[OnlusApplication], list[str]]
) -> None:
    user = row.applicant
    if not user.is_active:
        return
    language = user.preferred_language if user.preferred_language in dict(settings.LANGUAGES) else "en"
    with translation.override(language):
        facts: dict[str, Any] = {
            "name": user.display_name,
            "organisation": row.organization_name,
            "lines": [line for line in lines(row) if line],
            "link": f"{settings.PUBLIC_URL}/portal/apply/{row.pk}/" if settings.PUBLIC_URL else "",
        }
    mail.send(to=user.email, language=language, subject=subject, template="application_news", facts=facts)
