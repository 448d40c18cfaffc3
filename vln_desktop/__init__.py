"""VLN Desktop: the desktop client of VLN's staff."""

__version__ = "0.1.0"
