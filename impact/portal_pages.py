"""The portal pages about impact."""

from django.utils.translation import gettext_lazy as _

from accounts.portal_pages import Group, PortalPage, portal_page

portal_page(PortalPage("stories", _("Stories"), Group.IMPACT, 10))
portal_page(PortalPage("metrics", _("Metrics"), Group.IMPACT, 20))
portal_page(PortalPage("updates", _("Updates"), Group.IMPACT, 30))
