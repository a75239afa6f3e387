"""What is exchanged with the bank as files: orders to pay, status reports, account statements. Pure, no database.

`credit_transfers` writes payments (pain.001), `status_reports` reads what became of them (pain.002), `statements` reads
what happened on the account (camt.053); `sandbox` is a bank that answers, for tests and the demonstration.
"""
