"""Retention, erasure, one person's export: asks every room what it keeps and makes it forget."""
