"""The pages of the portal, by group: each app declares its own in a module `portal_pages`."""

from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import OnlusMembership
from accounts.portal import EVERYBODY, OWNERS, WRITERS

__all__ = ["EVERYBODY", "OWNERS", "WRITERS", "Group", "PortalPage", "page_named", "portal_page", "tabs_for"]


class Group(models.TextChoices):
    """The groups, in the order of the portal's tabs."""

    OVERVIEW = "overview", _("Overview")
    MONEY = "money", _("Money")
    FUNDING = "funding", _("Funding")
    IMPACT = "impact", _("Impact")
    ORGANISATION = "organisation", _("Organisation")


@dataclass(frozen=True, slots=True)
class PortalPage:
    """A page with a tab. `name` is its URL's name below `portal:`, asked with the organisation alone."""

    name: str
    label: Any
    group: Group
    place: int = 0
    roles: frozenset[OnlusMembership.Role] = EVERYBODY


@dataclass(frozen=True, slots=True)
class Tab:
    """A group as one reader sees it: its pages, and whether the reader is in it."""

    label: Any
    pages: tuple[PortalPage, ...]
    is_here: bool


_pages: dict[str, PortalPage] = {}


def portal_page(page: PortalPage) -> PortalPage:
    """Put a page among the tabs."""
    _pages[page.name] = page
    return page


def page_named(name: str) -> PortalPage | None:
    return _pages.get(name)


def tabs_for(role: OnlusMembership.Role, here: str) -> list[Tab]:
    """Return the groups with what the role may open; `here` is the name of the page being read."""
    tabs = []
    for group in Group:
        mine = [page for page in _pages.values() if page.group == group and role in page.roles]
        if mine:
            pages = tuple(sorted(mine, key=lambda page: page.place))
            tabs.append(Tab(group.label, pages, any(page.name == here for page in pages)))
    return tabs


portal_page(PortalPage("team", _("Team"), Group.ORGANISATION, 60))
portal_page(PortalPage("public_profile", _("Public profile"), Group.ORGANISATION, 10, WRITERS))
portal_page(PortalPage("legal_data", _("Legal data"), Group.ORGANISATION, 20, OWNERS))
portal_page(PortalPage("papers", _("Documents"), Group.ORGANISATION, 30, WRITERS))
portal_page(PortalPage("settings", _("Settings"), Group.ORGANISATION, 90))
