"""What people agree to: texts with versions, and who agreed to which of them when."""
