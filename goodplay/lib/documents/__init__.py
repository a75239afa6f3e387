"""Document models: rows that live in MongoDB when MONGODB_URL names one, and in the default database otherwise.

settings.DOCUMENT_MODELS names them. What they may not do, so that both engines give the same answers: no many-to-many,
no joins (links are `ForeignKey(db_constraint=False)`, followed or fetched in bulk), no window functions, no `__iexact`
or `__date`, no conflict-ignoring inserts. One document's write is atomic; a write across a document and a SQL row is
not, so facts that must hold together are SQL rows.
"""

ALIAS = "documents"
