"""What the press is given: texts, pictures and practical notes, each from its time on."""
