"""Reminders that move with their event, and announcements to a filtered group of people."""
