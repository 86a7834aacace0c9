"""The forms of SQL that a statement may be built from: a list, and whatever is not on it is refused.

Promises: what writes, locks, sets or defines has no form here; of the forms that have one, only the named parts; the
words, numbers and types that a tree carries as bare text are plain ones.

Held by tests/unit/actors/database/test_gate_refuses.py.
"""

from __future__ import annotations

import re

from sqlglot import exp

from actors.database.dialects import Family
from actors.database.functions import FUNCTIONS
from actors.database.refusal import Refused, Rule, place
from actors.database.scope import spelled

_WORDS = """
    Select Union Intersect Except Subquery With CTE TableAlias Table From Join Where Group Having Order Ordered Limit
    Offset Fetch LimitOptions Distinct Rollup Cube GroupingSets Lateral Unnest Values Window WindowSpec Filter
    WithinGroup Tuple Alias

    Column Identifier Star Literal Null Boolean Var HexString BitString DataType DataTypeParam Interval Paren Kwarg

    And Or Not Xor EQ NEQ NullSafeEQ NullSafeNEQ GT GTE LT LTE Is In Between Like ILike SimilarTo RegexpLike
    RegexpILike Glob Match Escape Overlaps Add Sub Mul Div IntDiv Mod Neg Pow Sqrt Cbrt DPipe BitwiseAnd BitwiseOr
    BitwiseXor BitwiseNot BitwiseLeftShift BitwiseRightShift Collate Any All Exists Case If Bracket Slice Array
    JSONExtract JSONExtractScalar JSONBExtract JSONBExtractScalar JSONBContains JSONBContainsTopKey
    JSONBContainsAnyTopKeys JSONBContainsAllTopKeys ArrayContainsAll ArrayOverlaps ArrayContainedBy AtTimeZone
    MatchAgainst

    Anonymous Cast Extract Trim Substring StrPosition GroupConcat Overlay Ceil Floor Chr Initcap Normalize JSONObject
    JSONKeyValue JSONArrayAgg JSONObjectAgg JSONValue CurrentDate CurrentTime CurrentTimestamp CurrentDatetime
    Localtime Localtimestamp CurrentUser
"""
FORMS: frozenset[type[exp.Expression]] = frozenset(getattr(exp, word) for word in _WORDS.split())

# Of these forms, only these parts.
_SELECT = "expressions from_ joins laterals where group having order limit offset distinct with_ windows"
_UNION = "this expression distinct with_ order limit offset"
PARTS: dict[type[exp.Expression], frozenset[str]] = {
    exp.Select: frozenset(_SELECT.split()),
    **dict.fromkeys((exp.Union, exp.Intersect, exp.Except), frozenset(_UNION.split())),
    exp.Subquery: frozenset(["this", "alias", "with_", "order", "limit", "offset", "joins"]),
    exp.With: frozenset(("expressions", "recursive")),
    exp.CTE: frozenset(("this", "alias", "materialized")),
    exp.TableAlias: frozenset(("this", "columns")),
    exp.Table: frozenset(("this", "db", "alias", "joins", "ordinality")),
    exp.Join: frozenset(("this", "on", "using", "side", "kind")),
    exp.Lateral: frozenset(("this", "alias", "ordinality", "view", "outer")),
    exp.Unnest: frozenset(("expressions", "alias", "offset")),
    exp.Values: frozenset(("expressions", "alias")),
    exp.Cast: frozenset(("this", "to")),
    exp.Group: frozenset(("expressions", "rollup", "cube", "grouping_sets")),
    exp.Column: frozenset(("this", "table", "db")),
    exp.Star: frozenset(),
    exp.Limit: frozenset(("expression",)),
    exp.Offset: frozenset(("expression",)),
    exp.Distinct: frozenset(("expressions", "on")),
}

_SAID_OF: dict[str, tuple[Rule, str]] = {
    "into": (Rule.READ_ONLY, "INTO writes what was selected somewhere."),
    "locks": (Rule.READ_ONLY, "FOR UPDATE and FOR SHARE lock rows."),
    "operation_modifiers": (Rule.FORM, "A word after SELECT is not allowed here."),
    "hint": (Rule.COMMENT, "Hints to the optimizer may not be in a statement."),
    "method": (Rule.FORM, "Say what a NATURAL JOIN joins by, with ON or USING."),
    "catalog": (Rule.TABLE, "A name of three parts leads into another database."),
    "sample": (Rule.FORM, "TABLESAMPLE is not allowed."),
}

_TYPE_WORDS = """
    BIGINT INT SMALLINT TINYINT MEDIUMINT UBIGINT UINT DECIMAL UDECIMAL FLOAT DOUBLE MONEY BOOLEAN CHAR NCHAR VARCHAR
    NVARCHAR TEXT NAME BPCHAR CHARACTER_SET DATE TIME TIMETZ TIMESTAMP TIMESTAMPTZ TIMESTAMPNTZ DATETIME INTERVAL YEAR
    JSON JSONB UUID BINARY VARBINARY BLOB BIT ARRAY INET DATERANGE TSRANGE TSTZRANGE NUMRANGE INT4RANGE INT8RANGE
"""
TYPES = frozenset(exp.DataType.Type[word] for word in _TYPE_WORDS.split())

_NUMBER = re.compile(r"(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?")
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_ ]*")
_HEX = re.compile(r"[0-9A-Fa-f]*")
_NAME = re.compile(r"[^\W\d]\w*")
_UNIT_FIRST = frozenset(("timestampdiff", "timestampadd"))
_UNITS = frozenset(["MICROSECOND", "SECOND", "MINUTE", "HOUR", "DAY", "WEEK", "MONTH", "QUARTER", "YEAR"])
_JOINS = frozenset(("", "CROSS", "INNER", "OUTER"))
_SIDES = frozenset(("", "LEFT", "RIGHT", "FULL"))


def below(tree: exp.Expression) -> list[exp.Expression]:
    """Every node of the tree, itself first (sqlglot's own walks take three times as long)."""
    found = [tree]
    for node in found:  # it grows meanwhile
        for value in node.args.values():
            if type(value) is list:
                found.extend(each for each in value if isinstance(each, exp.Expression))
            elif isinstance(value, exp.Expression):
                found.append(value)
    return found


def check_form(node: exp.Expression, family: Family) -> None:
    """One node, without those below it. Raises Refused."""
    kind = type(node)
    if kind not in FORMS:
        _rewrite(node, family)
        return
    parts = PARTS.get(kind)
    if parts is not None:
        for name, value in node.args.items():
            if value and name not in parts:
                rule, sentence = _SAID_OF.get(name, (Rule.FORM, f"{name.strip('_').upper()} is not allowed here."))
                parts_of = value if isinstance(value, list) else [value]
                at = next((place(part) for part in parts_of if isinstance(part, exp.Expression)), None)
                raise Refused(rule, sentence, at)
    check = _CHECKS.get(kind)
    if check is not None:
        check(node, family)


def _rewrite(node: exp.Expression, family: Family) -> None:
    """Other words for something that is on the list are put in its words; all else is refused."""
    if isinstance(node, exp.National | exp.RawString):
        node.replace(exp.Literal.string(node.name))
        return
    call = node.expression if isinstance(node, exp.Dot) else None
    if not isinstance(call, exp.Anonymous) or not isinstance(node.this, exp.Identifier):
        raise _not_on_the_list(node)
    if node.this.name.lower() != "pg_catalog":  # a function of a schema is somebody's own
        name = f"{node.this.name}.{call.name}"
        raise Refused(Rule.FUNCTION, f"The function {name} is not on the list of functions.", place(node))
    node.replace(call)


def _not_on_the_list(node: exp.Expression) -> Refused:
    at = place(node)
    if isinstance(node, exp.Dot):
        return Refused(Rule.FORM, "A dot may stand between a table and its column only.", at)
    if isinstance(node, exp.Parameter | exp.SessionParameter | exp.Placeholder):
        return Refused(Rule.FORM, "Variables and placeholders are not allowed; write the value.", at)
    if isinstance(node, exp.ObjectIdentifier | exp.PseudoType):
        return Refused(Rule.TYPE, f"The type {node.name} is not on the list of types.", at)
    if isinstance(node, exp.DML | exp.DDL | exp.Command | exp.Set):
        return Refused(Rule.READ_ONLY, f"{node.key.upper()} does more than read.", at)
    if isinstance(node, exp.Func):
        return Refused(Rule.FUNCTION, f"The function {node.sql_name()} is not on the list of functions.", at)
    return Refused(Rule.FORM, f"This form of SQL ({node.key}) is not on the list of what is allowed.", at)


def _call(node: exp.Expression, family: Family) -> None:
    name = node.this.name if isinstance(node.this, exp.Identifier) else str(node.this)
    if name.lower() not in FUNCTIONS[family]:
        raise Refused(Rule.FUNCTION, f"The function {name} is not on the list of functions.", place(node))
    node.set("this", name.lower())  # bare and known: a quoted one could be another function
    if family is Family.MYSQL and name.lower() in _UNIT_FIRST and node.expressions:
        unit = node.expressions[0]
        if not isinstance(unit, exp.Column) or unit.name.upper() not in _UNITS:
            raise Refused(Rule.FORM, f"{name} takes a unit of time first.", place(node))
        unit.replace(exp.Var(this=unit.name.upper()))


def _literal(node: exp.Expression, family: Family) -> None:
    if not node.args.get("is_string") and not _NUMBER.fullmatch(node.name):
        raise Refused(Rule.SYNTAX, "This is no number.", place(node))


def _word(node: exp.Expression, family: Family) -> None:
    if not _WORD.fullmatch(node.name):
        raise Refused(Rule.SYNTAX, "There is a word here that is none.", place(node))


def _digits(node: exp.Expression, family: Family) -> None:
    if not _HEX.fullmatch(node.name):
        raise Refused(Rule.SYNTAX, "This is no hexadecimal or binary number.", place(node))


def _identifier(node: exp.Expression, family: Family) -> None:
    if not node.args.get("quoted") and not _NAME.fullmatch(node.name.replace("$", "_")):
        raise Refused(Rule.SYNTAX, "There is a name here that needs quotes.", place(node))
    if not node.name:
        raise Refused(Rule.SYNTAX, "There is a name here with nothing in it.", place(node))


def _type(node: exp.Expression, family: Family) -> None:
    inner = node.this
    if isinstance(inner, exp.Interval):
        return
    if inner not in TYPES:
        raise Refused(Rule.TYPE, f"The type {node.sql()} is not on the list of types.", place(node))


def _join(node: exp.Expression, family: Family) -> None:
    if (node.args.get("kind") or "") not in _JOINS or (node.args.get("side") or "") not in _SIDES:
        raise Refused(Rule.FORM, "This kind of join is not allowed.", place(node))


def _collate(node: exp.Expression, family: Family) -> None:
    name = node.expression.name
    if not _WORD.fullmatch(name):
        raise Refused(Rule.FORM, "This is no collation's name.", place(node))
    node.set("expression", spelled(name) if family is Family.POSTGRES else exp.Var(this=name))


_CHECKS = {
    exp.Collate: _collate,
    exp.Anonymous: _call,
    exp.Literal: _literal,
    exp.Var: _word,
    exp.HexString: _digits,
    exp.BitString: _digits,
    exp.Identifier: _identifier,
    exp.DataType: _type,
    exp.Join: _join,
}
