"""One module a provider. Each turns its provider's words into those of `donations.payments.contract`."""
