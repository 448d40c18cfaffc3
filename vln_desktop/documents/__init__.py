"""Printed papers: frozen dataclasses in, PDF bytes out."""
