"""The demo: an invented firm's year, the same for the same seed and day, and what loads it."""
