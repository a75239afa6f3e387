"""The screens about applications stand together, under a heading of their own."""

from django.utils.translation import gettext_lazy as _

from accounts import models
from goodplay.lib.admin.topics import Topics, show_by_topic

TOPICS: Topics = {
    _("Applications"): (
        models.OnlusApplication,
        models.OnlusDocument,
        models.VerificationCheck,
        models.ApprovalCondition,
        models.BlockedAddress,
    ),
}

show_by_topic("accounts", TOPICS)
