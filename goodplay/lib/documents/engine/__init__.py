"""django-mongodb-backend, corrected where its defaults would cost a look-up its index or a search its meaning."""
