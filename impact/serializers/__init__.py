"""The shapes of impact in the API, by topic."""
