"""The portal pages about money."""

from django.utils.translation import gettext_lazy as _

from accounts.portal_pages import OWNERS, WRITERS, Group, PortalPage, portal_page

portal_page(PortalPage("overview", _("Overview"), Group.OVERVIEW))
portal_page(PortalPage("donations", _("Donations received"), Group.MONEY, 10))
portal_page(PortalPage("payouts", _("Payouts"), Group.MONEY, 20))
portal_page(PortalPage("summaries", _("Financial summaries"), Group.MONEY, 30))
portal_page(PortalPage("tax_communication", _("Tax communication"), Group.MONEY, 40, WRITERS))
portal_page(PortalPage("bank_account", _("Bank account"), Group.MONEY, 50, OWNERS))
portal_page(PortalPage("funding", _("Funding"), Group.FUNDING, 10))
portal_page(PortalPage("compliance", _("Compliance"), Group.ORGANISATION, 40))
