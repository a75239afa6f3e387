"""Every movement of money, by topic."""
