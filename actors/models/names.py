"""The embedded models: the folders that hold them under the models' directory, and what comes out."""

from __future__ import annotations

from typing import Final

EMBEDDER: Final = "bge-small-en-v1.5"
EMBEDDING_DIMENSION: Final = 384
RERANKER: Final = "ms-marco-minilm-l-12-v2"
