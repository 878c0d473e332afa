"""Backups: one file with all that cannot be made anew, which any other place of the library can be filled from."""
