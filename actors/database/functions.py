"""The functions that a statement may call, by the database's own names. What is not named here is not called.

Each computes a value from its arguments, the clock or a random number: none reads a file, a setting, a catalog or
another session, waits, locks, sends, or runs SQL that it is given. Those that make long text of short are bounded
(:mod:`bounds`).

Sources: PostgreSQL 17 chapter 9, MySQL 8.4 chapter 14 and MariaDB's "Built-in Functions", sqlite.org/lang_corefunc.html
with lang_datefunc, lang_aggfunc, lang_mathfunc, windowfunctions and json1.

Held by tests/unit/actors/database/test_gate_refuses.py and tests/unit/actors/database/test_gate_accepts.py.
"""

from __future__ import annotations

from actors.database.dialects import Family


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_EVERYWHERE = _words("""
    count sum avg min max abs round ceil ceiling floor mod sign sqrt exp ln log power pow radians degrees pi sin cos tan
    asin acos atan atan2 coalesce nullif lower upper length trim ltrim rtrim replace substr substring concat concat_ws
    row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value cast char
    octet_length
""")

_POSTGRES = _words("""
    array_agg string_agg bool_and bool_or every bit_and bit_or stddev stddev_pop stddev_samp variance var_pop var_samp
    corr covar_pop covar_samp regr_avgx regr_avgy regr_count regr_intercept regr_r2 regr_slope regr_sxx regr_sxy
    regr_syy mode percentile_cont percentile_disc any_value grouping json_agg jsonb_agg json_object_agg
    jsonb_object_agg range_agg
    cbrt div trunc width_bucket gcd lcm random cot asind acosd atand sind cosd tand sinh cosh tanh log10
    scale min_scale trim_scale greatest least num_nonnulls num_nulls row
    ascii chr btrim initcap left right lpad rpad repeat reverse position strpos overlay split_part translate
    starts_with char_length character_length bit_length format md5 quote_literal quote_ident to_hex
    regexp_replace regexp_match regexp_matches regexp_split_to_array regexp_split_to_table regexp_count regexp_instr
    regexp_like regexp_substr string_to_array string_to_table similar normalize
    now current_date current_time current_timestamp localtime localtimestamp clock_timestamp statement_timestamp
    transaction_timestamp timeofday age date_part date_trunc date_bin extract isfinite justify_days justify_hours
    justify_interval make_date make_time make_timestamp make_timestamptz make_interval to_char to_date to_number
    to_timestamp date timezone overlaps
    generate_series unnest array_length array_position array_positions array_to_string array_remove array_replace
    array_append array_prepend array_cat array_ndims array_upper array_lower cardinality array
    json_build_object jsonb_build_object json_build_array jsonb_build_array to_json to_jsonb
    json_array_length jsonb_array_length json_extract_path json_extract_path_text jsonb_extract_path
    jsonb_extract_path_text json_typeof jsonb_typeof json_each jsonb_each json_each_text jsonb_each_text
    json_object_keys jsonb_object_keys json_array_elements jsonb_array_elements json_array_elements_text
    jsonb_array_elements_text jsonb_path_query jsonb_path_exists jsonb_path_query_array jsonb_path_query_first
    json_strip_nulls jsonb_strip_nulls jsonb_pretty jsonb_set
    lower_inc upper_inc isempty daterange tsrange tstzrange int4range int8range numrange
    to_tsvector to_tsquery plainto_tsquery phraseto_tsquery websearch_to_tsquery ts_rank ts_rank_cd
    text int2 int4 int8 float4 float8 numeric bool
""")

_MYSQL = _words("""
    group_concat bit_and bit_or bit_xor std stddev stddev_pop stddev_samp variance var_pop var_samp json_arrayagg
    json_objectagg any_value grouping
    truncate log2 log10 cot rand crc32 conv bin oct hex unhex greatest least if ifnull isnull interval
    ascii ord char_length character_length bit_length left right lpad rpad repeat space reverse locate position instr
    field find_in_set elt substring_index ucase lcase mid strcmp format insert quote regexp_like regexp_replace
    regexp_instr regexp_substr soundex md5 sha1 sha sha2 to_base64 from_base64 convert
    now curdate curtime current_date current_time current_timestamp localtime localtimestamp sysdate utc_date utc_time
    utc_timestamp date time timestamp year month day hour minute second microsecond quarter week weekday weekofyear
    yearweek dayname dayofmonth dayofweek dayofyear monthname last_day extract date_add date_sub adddate subdate addtime
    subtime datediff timediff timestampadd timestampdiff date_format time_format str_to_date from_days to_days
    from_unixtime unix_timestamp makedate maketime period_add period_diff sec_to_time time_to_sec to_seconds convert_tz
    get_format
    json_extract json_unquote json_value json_contains json_contains_path json_keys json_length json_type json_valid
    json_depth json_object json_array json_quote json_search json_overlaps json_pretty
    inet_aton inet_ntoa
    match
""")

_SQLITE = _words("""
    total group_concat string_agg trunc log10 log2 acosh asinh atanh cosh sinh tanh random
    ifnull iif if instr hex unhex quote unicode format printf like glob likely unlikely soundex typeof
    unistr concat octet_length
    date time datetime julianday unixepoch strftime timediff current_date current_time current_timestamp
    json json_array json_array_length json_extract json_object json_quote json_type json_valid json_group_array
    json_group_object json_each json_tree json_pretty median percentile percentile_cont percentile_disc
    generate_series
    bm25 highlight snippet
""")

FUNCTIONS: dict[Family, frozenset[str]] = {
    Family.POSTGRES: _EVERYWHERE | _POSTGRES,
    Family.MYSQL: _EVERYWHERE | _MYSQL,
    Family.SQLITE: _EVERYWHERE | _SQLITE,
}

# The columns of what a function in FROM gives, where they are not just the function's name.
COLUMNS_OF: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("json_each", "jsonb_each", "json_each_text", "jsonb_each_text"), ("key", "value")),
    **dict.fromkeys(("json_array_elements", "jsonb_array_elements"), ("value",)),
    **dict.fromkeys(("json_array_elements_text", "jsonb_array_elements_text"), ("value",)),
}
COLUMNS_OF_SQLITE: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("json_each", "json_tree"), ("key", "value", "type", "atom", "id", "parent", "fullkey", "path")),
    "generate_series": ("value",),
}

# What may stand before a parenthesis and calls nothing.
SYNTAX = _words("""
    in exists and or not on using values over as filter any all some select where from join union except intersect by
    when then else case like ilike between distinct limit offset lateral group having with recursive is within sets
    rollup cube regexp rlike glob escape to xor div mod order interval end overlaps similar symmetric recursive
    materialized both leading trailing for return ordinality against
    varchar character varying decimal numeric timestamp timestamptz time float bit varbinary binary bpchar datetime
    double nchar dec text
""")
