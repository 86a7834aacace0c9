"""What a collection of chunks looks like in Milvus: its fields, the BM25 function, its indexes."""

from __future__ import annotations

from typing import Any

from pymilvus import AsyncMilvusClient, DataType, Function, FunctionType

SHARED = "chunks"  # the one collection of a cluster
COLUMNS = ("chunk_id", "document_id", "version", "ordinal", "text", "start", "end", "occurred_on")
_HNSW = {"M": 16, "efConstruction": 200}
_BM25 = {"bm25_k1": 0.9, "bm25_b": 0.4}  # as Anserini has it for passages of about equal length


def schema(dimension: int, *, shared: bool, dense_only: bool = False) -> Any:
    """Fields of one chunk; ``shared`` collections carry the tenant as their partition key.

    ``dense_only``: without BM25, and the tenant is a field like others, since servers that old compute an upsert's
    partition from another field (https://github.com/milvus-io/milvus/issues/30607).
    """
    made = AsyncMilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
    made.add_field("chunk_id", DataType.VARCHAR, is_primary=True, max_length=1_280)
    if shared:
        made.add_field("tenant", DataType.VARCHAR, max_length=64, is_partition_key=not dense_only)
    made.add_field("document_id", DataType.VARCHAR, max_length=1_024)
    for name in ("version", "ordinal", "start", "end", "occurred_on"):
        made.add_field(name, DataType.INT64)
    made.add_field("text", DataType.VARCHAR, max_length=65_535)
    made.add_field("vector", DataType.FLOAT_VECTOR, dim=dimension)
    if dense_only:
        return made
    made.add_field("words", DataType.VARCHAR, max_length=65_535, enable_analyzer=True)  # what BM25 sees of it
    made.add_field("sparse", DataType.SPARSE_FLOAT_VECTOR)
    made.add_function(
        Function(
            name="bm25", function_type=FunctionType.BM25, input_field_names=["words"], output_field_names=["sparse"]
        )
    )
    return made


def indexes(*, dense_only: bool = False) -> list[Any]:
    """One parameter object per index: dense, then BM25."""
    dense, sparse = AsyncMilvusClient.prepare_index_params(), AsyncMilvusClient.prepare_index_params()
    dense.add_index("vector", index_name="vector", index_type="HNSW", metric_type="COSINE", params=dict(_HNSW))
    sparse.add_index(
        "sparse",
        index_name="sparse",
        index_type="SPARSE_INVERTED_INDEX",
        metric_type="BM25",
        params=dict(_BM25),
    )
    return [dense] if dense_only else [dense, sparse]
