"""How the bundled embedder was trained: articles and questions -> pairs -> vectors."""
