from . import giving, ledger, rates, receipts

__all__ = ["giving", "ledger", "rates", "receipts"]
