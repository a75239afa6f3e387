from tests.proved_books import books_balance  # noqa: F401  (a fixture)
