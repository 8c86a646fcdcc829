"""The kiosk: people check themselves in, and a badge comes out of the printer."""
