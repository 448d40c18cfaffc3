"""One class per feature: lists, details and commands over the database."""
