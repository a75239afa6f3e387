"""The stock twin: the same flows as a tutorial would write them.

Classic token authentication that loads the user, ModelSerializers, Django's own pagination and password hashing; no
idempotency, no ledger, no events, no request limits. Only ever measured, never part of the product.
"""
