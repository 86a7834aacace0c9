"""Statements made by chance, out of honest parts and hostile ones, for each family of databases."""

from __future__ import annotations

from hypothesis import strategies as st
from sql_shop import HONEST

from actors.database.dialects import Family

_WORDS = (
    "id name email city total status customer_id order_id quantity price password_hash rowid customers orders items"
    ' products staff o c sqlite_master pragma_table_info x \'x\' "x" "password_hash" [password_hash] `id`'
)
_CALLED = (
    "lower upper count sum max coalesce replace load_extension readfile writefile randomblob zeroblob changes"
    " fts3_tokenizer sqlite_version printf json_each pragma_table_info"
)
_OPERATED = "+ - = < || AND OR IN LIKE -> IS"
_NAMES = st.sampled_from(_WORDS.split())
_HOSTILE_CALLS = {
    Family.SQLITE: "writefile edit load_extension",
    Family.POSTGRES: "nextval setval set_config lo_create lo_unlink pg_advisory_lock pg_notify txid_current dblink_exec"
    " pg_reload_conf pg_terminate_backend query_to_xml pg_create_logical_replication_slot currval lastval pg_sleep",
    Family.MYSQL: "get_lock release_all_locks sleep benchmark load_file last_insert_id nextval setval"
    " master_pos_wait uuid",
}
_WRITES = {
    Family.SQLITE: (
        "REPLACE INTO staff VALUES (1, 'x', 1)",
        "CREATE TABLE y (a)",
        "PRAGMA query_only = OFF",
        "ATTACH 'x' AS y",
        "VACUUM INTO 'x'",
        "SAVEPOINT a",
    ),
    Family.POSTGRES: (
        "SELECT * INTO y FROM orders",
        "CREATE TABLE y AS SELECT 1",
        "COPY orders TO '/tmp/ragleap-never'",
        "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE",
        "SELECT 1 FROM orders FOR UPDATE",
        "DELETE FROM orders RETURNING *",
        "CALL x()",
        "DO 'x'",
        "LISTEN a",
        "GRANT ALL ON orders TO PUBLIC",
    ),
    Family.MYSQL: (
        "SELECT 1 INTO @a",
        "SELECT * FROM orders INTO OUTFILE '/tmp/ragleap-never'",
        "SELECT 1 FROM orders LOCK IN SHARE MODE",
        "SELECT @a := 1",
        "SELECT 1 /*! INTO @a */",
        "REPLACE INTO staff VALUES (1, 'x', 1)",
        "SET GLOBAL max_connections = 3",
        "CALL x()",
        "HANDLER orders OPEN",
    ),
}
_WRITES_ALL = (
    "DELETE FROM orders",
    "UPDATE orders SET total = 0",
    "INSERT INTO staff VALUES (9, 'x', 1)",
    "DROP TABLE orders",
    "TRUNCATE TABLE orders",
)
_PLAIN = st.one_of(_NAMES, st.integers(-3, 10**9).map(str), st.sampled_from(("NULL", "*", "o.*", "c.name", "o.id")))


def _grown(
    part: st.SearchStrategy[str], calls: st.SearchStrategy[str], writes: st.SearchStrategy[str]
) -> st.SearchStrategy[str]:
    query = st.builds(
        lambda what, table, where, tail: f"SELECT {what} FROM {table} WHERE {where} {tail}",
        part,
        st.one_of(_NAMES, st.sampled_from(("customers c", "orders o", "customers c JOIN orders o ON o.id = c.id"))),
        part,
        st.one_of(
            st.just(""),
            part.map("GROUP BY {}".format),
            part.map("ORDER BY {}".format),
            part.map("LIMIT {}".format),
            part.map("UNION SELECT {}".format),
        ),
    )
    return st.one_of(
        st.builds("{}({})".format, calls, part),
        st.builds(
            "({} {} {})".format,
            part,
            st.sampled_from(_OPERATED.split()),
            part,
        ),
        st.builds("CASE WHEN {} THEN {} END".format, part, part),
        st.builds("{}, {}".format, part, part),
        query.map("({})".format),
        query.map("EXISTS ({})".format),
        writes.map("({})".format),
        st.builds("max({}) OVER (ORDER BY {})".format, part, part),
    )


def statements(family: Family) -> st.SearchStrategy[str]:
    """Some pass the gate, some do not."""
    calls = st.sampled_from((_CALLED + " " + _HOSTILE_CALLS[family]).split())
    writes = st.sampled_from(_WRITES_ALL + _WRITES[family])
    honest = st.sampled_from(HONEST[family])
    parts = st.recursive(_PLAIN, lambda part: _grown(part, calls, writes), max_leaves=6)
    sources = st.sampled_from(("customers c", "orders o, customers c", "orders"))
    return st.one_of(
        st.builds("SELECT {} FROM {}".format, parts, sources),
        st.builds("WITH x AS ({}) SELECT {} FROM x".format, st.one_of(writes, parts.map("SELECT {}".format)), parts),
        st.builds("{}; {}".format, parts.map("SELECT {}".format), writes),
        st.builds("{} {}".format, honest, writes),
        st.builds(lambda text, cut, part: text[:cut] + part + text[cut:], honest, st.integers(0, 60), parts),
        writes,
    )
