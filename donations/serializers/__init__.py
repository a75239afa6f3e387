"""The shapes of money in the API, by topic."""
