"""What outlets and officers fill in."""
