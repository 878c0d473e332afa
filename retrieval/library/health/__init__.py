"""The library's health: what is examined without writing anything, and how it is mended."""

from retrieval.library.health.databases import examine_database
from retrieval.library.health.examination import examine
from retrieval.library.health.findings import Finding, Level, guarded
from retrieval.library.health.mending import mend

__all__ = ["Finding", "Level", "examine", "examine_database", "guarded", "mend"]
