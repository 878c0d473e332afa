"""The ingest command as a process of its own, with hash vectors in the place of a model that takes long to load."""

from support import HashEncoder

import retrieval

if __name__ == "__main__":
    setattr(retrieval, "Encoder", HashEncoder)  # noqa: B010 - the name is loaded at its first use
    from ingest.cli import main

    main()
