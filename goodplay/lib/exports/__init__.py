"""Lists and reports as files: tables for spreadsheets, and exports that are made in the background."""
