"""Delegations: a unit's people, reported by its liaison on one page behind a personal link."""
