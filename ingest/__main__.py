"""`python -m ingest SOURCE...`."""

from ingest.cli import main

if __name__ == "__main__":
    main()
