"""Where the graph server is: one URI may say it all, the settings beside it say the rest. Decides without I/O."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from runtime.config import Settings
from runtime.errors import Invalid

_SCHEMES = ("bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc")
EXAMPLE = "Give it like bolt://neo4j:password@graph.example:7687 (RAGLEAP_GRAPH_URI)."


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphAddress:
    """What the Bolt driver is given."""

    uri: str
    user: str
    password: str = field(repr=False)
    database: str

    @classmethod
    def of(cls, settings: Settings) -> GraphAddress:
        """``scheme://user:password@host:port/database``, percent-encoded where needed; what the URI leaves out is taken
        from the settings of its own. Raises Invalid."""
        try:
            parts = urlsplit(settings.graph_uri)
            port = f":{parts.port}" if parts.port else ""
        except ValueError as error:
            raise Invalid("RAGLEAP_GRAPH_URI is not a URI.", do=EXAMPLE) from error
        if parts.scheme not in _SCHEMES or not parts.hostname:
            raise Invalid("RAGLEAP_GRAPH_URI is not a Bolt server's.", do=EXAMPLE)
        host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
        query = f"?{parts.query}" if parts.query else ""  # a routing context, which the driver reads
        return cls(
            uri=f"{parts.scheme}://{host}{port}{query}",
            user=unquote(parts.username) if parts.username else settings.graph_user,
            password=unquote(parts.password) if parts.password else settings.graph_password,
            database=unquote(parts.path.strip("/")) or settings.graph_database,
        )
