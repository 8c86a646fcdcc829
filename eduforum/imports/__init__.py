"""Lists of people from spreadsheets: looked through first, then registered together or not at all."""
