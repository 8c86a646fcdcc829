"""Files: what people send us (looked into, written anew), and Excel and CSV made for them."""
