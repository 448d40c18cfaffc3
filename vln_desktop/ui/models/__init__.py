"""The one virtual table model and its columns."""
