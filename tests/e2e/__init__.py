"""The system as people meet it: the real server, a real SMTP server, real Chromium."""
