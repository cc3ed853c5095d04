from pathlib import Path

import pytest
from hypothesis import settings

# The first example loads dictionaries and models; a deadline would measure that, not the code.
settings.register_profile("house", deadline=None)
settings.load_profile("house")


@pytest.fixture(scope="session")
def samples(tmp_path_factory):
    """An engine over the sample articles, to be asked only."""
    from embeddings.encode import embedder
    from embeddings.update import sync
    from qa.engine import Engine

    library = tmp_path_factory.mktemp("samples") / "library"
    sync(library, [Path(__file__).parents[1] / "qa" / "samples"], embedder())
    return Engine.open(library)
