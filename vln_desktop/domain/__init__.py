"""The firm's rules in pure Python: no input or output, no Qt, no SQLAlchemy."""
