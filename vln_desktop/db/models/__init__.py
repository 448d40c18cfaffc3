"""ORM classes, one module per feature."""
