"""The public site, and whole series: loaded from a file, handed on to the next host."""
