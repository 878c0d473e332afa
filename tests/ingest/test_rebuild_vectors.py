"""What a rebuild does about vectors that are gone again before their article is put."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from rebuilding import SizedEncoder, fill, rebuilt
from support import assert_agreement, open_library

from ingest import rebuild
from retrieval import IndexedArticle, Servers
from retrieval.library.carrying import StoredArticle, adopt
from retrieval.library.tables import vector


def test_vectors_that_are_forgotten_meanwhile_are_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An article whose vectors somebody has purged is not left out: they are taken over or embedded once more."""
    fill(tmp_path, Servers(), count=2)
    purges = [0, 1]  # before the first article is put

    def purged(engine: sa.Engine, stored: StoredArticle, item: IndexedArticle) -> set[str]:
        if purges and purges.pop():
            with engine.begin() as connection:
                connection.execute(vector.delete())
        return adopt(engine, stored, item)

    monkeypatch.setattr(rebuild, "adopt", purged)
    with open_library(tmp_path, SizedEncoder()) as library:
        assert rebuilt(library, SizedEncoder("hash-16")).articles == 2
        library.refresh()
        assert not purges
        assert_agreement(library)
