"""Whole changes to applications of the press."""
