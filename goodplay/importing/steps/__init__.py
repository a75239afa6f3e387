"""The collections, each after those it points to."""

from goodplay.importing.carrying import Step
from goodplay.importing.steps import (
    games,
    left_behind,
    metrics,
    organisations,
    people,
    reports,
    sessions,
    stories,
    transactions,
    updates,
    wallets,
)

STEPS: tuple[Step, ...] = (
    organisations.CATEGORIES,
    organisations.ORGANISATIONS,
    people.PEOPLE,
    left_behind.RELATIONSHIPS,
    games.GAMES,
    sessions.SESSIONS,
    wallets.WALLETS,
    transactions.TRANSACTIONS,
    stories.STORIES,
    metrics.METRICS,
    updates.UPDATES,
    reports.REPORTS,
)
