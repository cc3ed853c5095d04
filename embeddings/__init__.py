"""Articles in, index out: what runs when articles change.

Articles   ``article.Article Span Passage Metadata``, ``load.load``, ``chunk.split``
Vectors    ``encode.embedder``
Libraries  ``update.sync add remove``, ``rebuild.rebuild``, ``verify.verify``, ``library.Library``
Errors     ``errors.ArticleQAError`` and those below it

Import from the modules: none of them loads anything heavy before it is needed.
"""
