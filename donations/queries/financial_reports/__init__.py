"""What financial reports say, a file for each kind. Every amount is a sum of the ledger's transfers, made by the database."""
