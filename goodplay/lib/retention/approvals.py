"""Keeping data less long needs a second person."""

from django.utils.translation import gettext as _

from goodplay.lib.approvals.registry import approvable
from goodplay.lib.retention import policies

approvable(
    policies.SHORTER,
    perform=policies.shorten,
    describe=lambda policy, facts: _("Keep %(kind)s for %(days)s days instead of %(days_now)s.") % facts,
    permission=policies.CHANGE,
)
