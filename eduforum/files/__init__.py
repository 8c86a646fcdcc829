"""Files made for people: Excel and CSV, from one registry of columns per list."""
