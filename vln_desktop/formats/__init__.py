"""Foreign file formats: bytes to dataclasses and back."""
