"""Real store servers on this machine: Neo4j and Milvus, downloaded where asked for, run as processes of their own."""
