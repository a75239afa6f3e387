"""Money from outside: the contract every payment provider keeps, and the providers that keep it."""
