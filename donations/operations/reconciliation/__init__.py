"""Laying the books beside what providers and the bank tell, and what people do about what differs."""
