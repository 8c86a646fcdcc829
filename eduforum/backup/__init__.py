"""Backups: made while people work, verified before they are used."""
