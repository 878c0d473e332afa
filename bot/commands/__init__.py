"""The commands, a file each: it reads options, calls the parts, prints, and ends with an exit code."""
