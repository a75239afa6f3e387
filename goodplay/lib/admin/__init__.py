"""The back office: one admin site, its dashboards, and the ModelAdmin bases of the house."""
