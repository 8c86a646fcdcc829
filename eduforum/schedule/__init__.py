"""What happens when and where: sessions, people on stage, agreements, plaques, calendars."""
