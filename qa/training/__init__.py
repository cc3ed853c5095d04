"""How the bundled reader was trained: articles -> vectors and cloze questions -> reader."""
