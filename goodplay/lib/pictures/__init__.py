"""Public pictures: taken from people, made harmless, shown in the sizes pages need."""
