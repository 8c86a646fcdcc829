"""Messages to people and programs. Written with the change they report, delivered later."""
