"""An id that nothing has, the same in every run: a test's name may hold it."""

UNKNOWN_ID = "01900000-0000-7000-8000-000000000000"
