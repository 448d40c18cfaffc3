"""PostgreSQL: engine, sessions, models, keyset paging, the embedded server."""
