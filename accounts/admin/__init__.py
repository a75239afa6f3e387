"""People, organisations and staff in the back office, and the way into it."""

from typing import Any

from django.contrib import admin

from . import (
    addresses,
    application_conditions,
    application_papers,
    applications,
    browser,
    bulk,
    doors,
    finding,
    organisations,
    people,
    saved_filters,
    topics,
)

__all__ = [
    "addresses",
    "application_conditions",
    "application_papers",
    "applications",
    "browser",
    "bulk",
    "doors",
    "finding",
    "organisations",
    "people",
    "saved_filters",
    "topics",
]

site: Any = admin.site  # our BackOffice
site.guard = browser.guard
site.ask_again = browser.ask_again
site.note_refusal = browser.note_refusal
site.pages = [*doors.PAGES, *saved_filters.PAGES]
site.list_context = saved_filters.above_the_list
