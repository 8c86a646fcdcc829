"""Walk-ins: people who come without having registered, and leave the desk with a ticket."""
