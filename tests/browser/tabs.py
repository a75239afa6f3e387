"""The two rows of the portal's tabs: a group, and a page in it."""


def turn_to(page, group, name=None):
    """Open a group, which shows its first page, and then another page of it."""
    tabs = page.get_by_role("navigation", name="Pages of the organisation")
    for label in filter(None, (group, name)):
        tabs.get_by_role("link", name=label, exact=True).click()
    return page
