"""The hall: its display, the code that attendees scan there, and the online room."""
