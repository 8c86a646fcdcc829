"""Invitations: codes and personal links, what guests answer, and who is reminded."""
