"""The start page and its steps: from a password to an open session."""
