"""Telling the people of an ONLUS what cannot wait until they look at its compliance page."""

from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.operations.team_mail import tell
from donations.assessment_words import issue_in_words
from donations.models import ComplianceIssue


def tell_of_issue(*, issue_id: UUID) -> None:
    """Mail those who want to know of compliance. What was settled meanwhile is not told."""
    issue = ComplianceIssue.objects.open().select_related("onlus").filter(pk=issue_id).first()
    if issue is None:
        return
    tell(
        issue.onlus.memberships.filter(wants_compliance_mails=True),
        issue.onlus,
        subject=gettext_lazy("Something grave is open in the compliance of your organisation"),
        sentences=[
            lambda: str(issue_in_words(issue.issue_type, issue.description)),
            lambda: _("The portal says what pulls it down and how to mend it."),
        ],
        page="portal:compliance",
    )
