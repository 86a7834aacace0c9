"""Settings, read once from the environment by the composition root; nothing in ``runtime`` or ``actors`` reads it.

Every variable is ``RAGLEAP_`` + the field's name in upper case.

Held by tests/unit/runtime/test_config.py.
"""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from runtime.errors import Invalid

PREFIX = "RAGLEAP_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What an operator may set. The defaults are the free tier on one machine: no settings needed."""

    data_dir: Path = Path(".ragleap")
    host: str = "127.0.0.1"
    port: int = 8000
    log_level: str = "INFO"

    # Stores by URI. Empty means: the embedded default, started and watched by `ragleap up`.
    database_url: str = dataclasses.field(default="", repr=False)  # sqlite:///… or postgresql://user:password@…
    graph_uri: str = dataclasses.field(default="", repr=False)  # bolt://user:password@host:port/database
    graph_user: str = ""
    graph_password: str = dataclasses.field(default="", repr=False)
    graph_database: str = "neo4j"
    vectors_uri: str = dataclasses.field(default="", repr=False)  # http://user:password@host:port
    vectors_mode: str = "cluster"  # one collection for all tenants; "embedded": one each (set by `ragleap up`)
    vectors_token: str = dataclasses.field(default="", repr=False)
    blobs_url: str = ""  # a directory, file:// or s3://

    # Models. An empty language model means extractive answers.
    models_dir: Path = Path.home() / ".cache" / "ragleap" / "models"
    language_model_url: str = ""  # an OpenAI-compatible base URL, or "embedded"
    language_model: str = ""
    language_model_key: str = dataclasses.field(default="", repr=False)
    model_threads: int = 2

    # Bounds.
    max_upload_bytes: int = 64 * 1024 * 1024
    egress_allowed: str = ""  # networks that a document's URL may lead into though they are not public: "10.1.0.0/16"
    database_networks: str = ""  # networks that a live database's URL may lead into though they are not public
    database_files: str = ""  # the folder of SQLite files to read: each tenant's are in FOLDER/TENANT
    mailbox_capacity: int = 1_000
    read_only_concurrency: int = 8
    cell_memory_mb: int = 0  # what a cell may take before it refuses new work; 0: what the machine or its cgroup has
    chunk_tokens: int = 512
    chunk_overlap: int = 50
    graph_extraction: str = "on"  # "off": names in running text are left out of the graph; tables and mails stay
    # Passages of a text that the language model reads for the graph; 0: none. -1: 32, none with the embedded model
    # (a small model on the same processor would take minutes for each document).
    graph_model_passages: int = -1
    answer_deadline_s: float = 60.0  # how long a caller waits before it is told to fetch the answer later
    message_ttl_s: float = 900.0  # how long an accepted message may wait for its turn
    gateway_hold_s: float = 3.0
    message_retention_days: float = 7.0  # how long a message that is done is known again when it is told twice
    dead_letter_retention_days: float = 30.0  # finished jobs too; conversations are kept for good

    # How much visitors of a chat page may ask, per gateway; 0 is no bound. Calls with an API key have none.
    visitor_messages_per_minute: float = 20.0  # of one visitor
    address_messages_per_minute: float = 120.0  # of all visitors from one address, sessions they begin included
    address_requests_per_minute: float = 1_200.0  # what they read, from one address
    trusted_proxies: str = "127.0.0.0/8,::1/128"  # whose X-Forwarded-For is believed

    # Where the channels' providers are.
    telegram_url: str = "https://api.telegram.org"
    whatsapp_url: str = "https://graph.facebook.com/v23.0"

    # The relevance gate. How likely it must be, by the evidence found, that a question can be answered, or it is
    # declined: chosen by bench/calibrate_gate.py, at 94 of 100 answerable questions answered.
    gate_chance: float = 0.19
    # The cross-encoder's logit from which a passage is read beside the best one; it decides alone where words cannot be
    # matched.
    gate_logit: float = 0.8

    # Secrets of this installation. Empty means: made at the first `ragleap up` and kept in the data directory.
    operator_key: str = dataclasses.field(default="", repr=False)  # opens /v1/tenants, /v1/status and /metrics
    session_secret: str = dataclasses.field(default="", repr=False)  # signs the chat page's session tokens

    sealing_keys: str = dataclasses.field(default="", repr=False)  # Fernet keys, newest first, commas between them

    ray_address: str = ""  # set by `ragleap up` for the processes that it starts
    cells: int = 1  # processes that serve tenants; more than one needs PostgreSQL

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
        """Read every ``RAGLEAP_*`` variable; raise Invalid naming the first that does not fit its type."""
        hints = typing.get_type_hints(cls)
        values: dict[str, object] = {}
        for field in dataclasses.fields(cls):
            raw = environment.get(PREFIX + field.name.upper())
            if raw is not None:
                values[field.name] = _convert(field.name, raw, hints[field.name])
        return cls(**values)  # type: ignore[arg-type]

    def cell_names(self) -> list[str]:
        """The cells that `ragleap up` starts; others are added while it runs. Raises Invalid."""
        if self.cells < 1 or (self.cells > 1 and self.database_url.startswith("sqlite")):
            raise Invalid(
                f"{PREFIX}CELLS={self.cells} does not fit this database.",
                do="SQLite takes one cell; set RAGLEAP_DATABASE_URL to a PostgreSQL server for more.",
            )
        return [f"cell-{number}" for number in range(self.cells)]

    def to_environment(self) -> dict[str, str]:
        """The inverse of :meth:`from_environment`, for child processes."""
        return {PREFIX + f.name.upper(): str(getattr(self, f.name)) for f in dataclasses.fields(self)}


def _convert(name: str, raw: str, hint: Callable[[str], object]) -> object:
    try:
        return hint(raw)
    except (TypeError, ValueError) as error:
        kind = getattr(hint, "__name__", str(hint))
        raise Invalid(f"{PREFIX}{name.upper()}={raw!r} does not fit.", do=f"Give a value of type {kind}.") from error
