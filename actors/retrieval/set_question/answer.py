"""A set question's answer in plain words: what was counted, each member with what belongs to it, and what is unsure.

Owns the wording only; what is said comes from :mod:`execute`, and every quotation from :mod:`quoting`.
"""

from __future__ import annotations

from collections.abc import Sequence

from actors.dates import EARLIEST, LATEST
from actors.messages import Answer, SetRow, Status
from actors.retrieval.set_question.execute import Member, Result
from actors.retrieval.set_question.lexicon import words_of
from actors.retrieval.set_question.predicate import narrowed_topics
from actors.retrieval.set_question.query import DateFilter, SetQuery, TextPredicate, ValueFilter
from actors.retrieval.set_question.quoting import Quoter

MAX_LISTED = 50  # members written out; the rest are told by number
MAX_UNSURE = 10
_MAX_PRODUCTS = 40
_MAILS_EACH = 2
_ORDERS_EACH = 2
_PLURALS = {"person": "people", "people": "people", "everyone": "people", "everybody": "people", "someone": "people",
            "somebody": "people", "anyone": "people", "anybody": "people", "goods": "goods", "thing": "products",
            "stuff": "products", "everything": "products", "something": "products", "anything": "products"}  # fmt: skip


async def write(result: Result, quoter: Quoter) -> Answer:
    """The answer with its citations."""
    await _load(result, quoter)
    lines = [_headline(result)]
    for member in result.members[:MAX_LISTED]:
        lines.append(await _line(member, result.query, quoter))
    hidden = len(result.members) - MAX_LISTED
    if hidden > 0:
        lines.append(f"… and {hidden} more, not listed here.")
    lines += await _doubts(result, quoter)
    lines.append(_counted(result))
    return Answer(
        status=Status.ANSWERED, text="\n".join(line for line in lines if line), citations=tuple(quoter.citations)
    )


def rows_of(result: Result) -> tuple[SetRow, ...]:
    """The sure members as data."""
    return tuple(
        SetRow(
            name=member.name,
            identity=member.identity,
            products=tuple(p.name for p in member.products),
            named=tuple(member.named),
        )
        for member in result.members
    )


def unsure_of(result: Result) -> tuple[str, ...]:
    """The doubtful members by name."""
    return tuple(_called(member) for member in (*result.unsure, *result.strangers))


# ----------------------------------------------------------------------------------------------------------- wording


def _headline(result: Result) -> str:
    query = result.query
    condition = _condition(query)
    count = len(result.members)
    if query.aim == "count" or count != 0:
        noun = _noun(query, count)
        amount = str(count) if count else f"No {_noun(query, 1)}"
        sentence = f"{amount} {noun} {condition}" if count else f"{amount} {condition}"
    else:
        sentence = f"No {_noun(query, 1)} {condition}"
    sentence = " ".join(sentence.split())
    return f"{sentence}{':' if count else '.'}"


def _condition(query: SetQuery) -> str:
    parts: list[str] = []
    if query.text is not None:
        said = _predicate(query.text)
        when = next((f for f in query.filters if isinstance(f, DateFilter) and f.type == "mail"), None)
        said += f" {_when(when)}" if when else ""
        if query.target.role == "product":
            parts.append(f"ordered by customers who {said}")
        elif query.target.role == "order":
            parts.append(f"of customers who {said}")
        elif query.target.role == "mail":
            parts.append(f"that {said}" if query.text.intent == "mention" else f"in which somebody {said}")
        else:
            parts.append(said)
    values = [f for f in query.filters if isinstance(f, ValueFilter)]
    people = [f for f in values if f.type == "person"]
    others = [f for f in values if f.type != "person"]
    if query.text is None:
        verb = {"product": "ordered", "order": "placed", "person": "who ordered", "mail": "sent", "other": ""}
        has_order = bool(query.path) or any(f.type != query.target.type for f in others)
        if query.target.role in ("product", "order", "mail") and (people or query.target.role == "order"):
            parts.append(verb[query.target.role] + (f" by {_names(people)}" if people else ""))
        elif query.target.role == "person" and (has_order or query.filters):
            parts.append("ordered" if has_order else "")
    elif people:
        parts.append(f"(only {_names(people)})")
    for each in others:
        if each.type == "product":
            parts.append(each.value if query.target.role == "person" else f"with {each.value}")
        else:
            parts.append(
                f"with {' '.join(words_of(each.column))} “{each.value}”" if each.column else f"of {each.value}"
            )
    dates = [f for f in query.filters if isinstance(f, DateFilter) and (query.text is None or f.type != "mail")]
    parts += [_when(each) for each in dates]
    if not parts or not any(parts):
        return "were found"
    return " ".join(part for part in parts if part)


def _names(filters: Sequence[ValueFilter]) -> str:
    return " or ".join(f.value for f in filters)


def _predicate(text: TextPredicate) -> str:
    topics = narrowed_topics(text.topic, text.intent)
    topic = text.topic
    if len(topic.split()) > 4 and topics:
        topic = " or ".join(topics)
    if text.about:
        named = " or ".join(text.about[:3])
        topic = f"{topic} of {named}" if topic and named.casefold() not in topic else named
    verbs = {"complain": "complained", "praise": "praised", "ask": "asked about", "request": "asked for",
             "mention": "wrote about"}  # fmt: skip
    if text.intent == "complain":
        return f"complained about {topic}" if topic else "complained"
    return f"{verbs[text.intent]} {topic}".strip() if topic else verbs[text.intent].removesuffix(" about")


def _when(each: DateFilter) -> str:
    first, last = each.range.first, each.range.last
    if first in (EARLIEST, last) or last == LATEST:
        return str(each.range)
    return f"{each.range} ({each.said})" if not any(c.isdigit() for c in each.said) else str(each.range)


def _noun(query: SetQuery, count: int) -> str:
    noun = query.target.noun
    if noun in _PLURALS:
        plural = _PLURALS[noun]
        return plural if count != 1 else "person" if plural == "people" else plural.removesuffix("s")
    if query.target.role == "mail":
        noun = "mail"
    if count == 1:
        return noun
    return (
        noun + ("es" if noun.endswith(("s", "x", "ch", "sh")) else "s") if not noun.endswith("y") else noun[:-1] + "ies"
    )


def _called(member: Member) -> str:
    if "@" in member.identity and member.identity != member.name:
        return f"{member.name} <{member.identity}>"
    return member.name


async def _line(member: Member, query: SetQuery, quoter: Quoter) -> str:
    marks = await _marks(member, quoter)
    role = query.target.role
    if role == "mail":
        when = member.rows[0].text("date") if member.rows else ""
        who = ", ".join(member.people)
        return f"- {who}{f' on {when}' if when else ''}: “{member.name}”{marks}"
    head = f"- {_called(member)}"
    if role == "order":
        told = ", ".join(p.name for p in member.products[:_MAX_PRODUCTS])
        return f"{head}{f': {told}' if told else ''}{marks}"
    if role == "product":
        return f"{head}{f' ({_and(member.people)})' if member.people else ''}{marks}"
    if query.projection is None:
        return f"{head}{marks}"
    if query.projection.role == "order":
        return f"{head}: {', '.join(dict.fromkeys(o.name for o in member.orders)) or 'no order found'}{marks}"
    if not member.products:
        return f"{head}: no order was found{marks}"
    named = set(member.named)
    products = [f"{p.name} (named in the mail)" if p.name in named else p.name for p in member.products]
    more = len(products) - _MAX_PRODUCTS
    told = ", ".join(products[:_MAX_PRODUCTS]) + (f" and {more} more" if more > 0 else "")
    return f"{head}: {told}{marks}"


def _and(names: Sequence[str]) -> str:
    shown = list(names[:5]) + ([f"{len(names) - 5} more"] if len(names) > 5 else [])
    return ", ".join(shown)


async def _marks(member: Member, quoter: Quoter) -> str:
    numbers: list[int] = []
    for telling in sorted(member.tellings, key=lambda t: -t.probability)[:_MAILS_EACH]:
        n = await quoter.sentence(telling.mail, telling.quote)
        if n is not None:
            numbers.append(n)
    for row in (member.orders or member.rows)[:_ORDERS_EACH]:
        n = quoter.row(row)
        if n is not None:
            numbers.append(n)
    return " " + "".join(f"[{n}]" for n in dict.fromkeys(numbers)) if numbers else ""


async def _doubts(result: Result, quoter: Quoter) -> list[str]:
    lines: list[str] = []
    if result.unsure:
        lines.append("Unsure, not counted above:")
        for member in result.unsure[:MAX_UNSURE]:
            quote = f": “{member.tellings[0].quote[:160]}”" if member.tellings and member.tellings[0].quote else ""
            lines.append(f"- {_called(member)}{quote}{await _marks(member, quoter)}")
        if len(result.unsure) > MAX_UNSURE:
            lines.append(f"… and {len(result.unsure) - MAX_UNSURE} more.")
    if result.strangers:
        who = "; ".join(_called(m) for m in result.strangers[:MAX_UNSURE])
        lines.append(f"Also wrote so, but stand in none of the customer or order tables: {who}.")
    return lines


def _counted(result: Result) -> str:
    parts = []
    if result.query.text is not None:
        mails = f"{result.judged} mail{'' if result.judged == 1 else 's'}"
        parts.append(
            f"Counted over {mails}{' of that time' if result.query.date_of('mail') else ''}, each read and judged"
        )
    parts += result.cut
    return "; ".join(parts) + "." if parts else ""


async def _load(result: Result, quoter: Quoter) -> None:
    """Fetch at once what the listed members will be quoted from."""
    rows = []
    for member in (*result.members[:MAX_LISTED], *result.unsure[:MAX_UNSURE]):
        rows += [t.mail for t in member.tellings[: _MAILS_EACH * 2]]
        rows += (member.orders or member.rows)[:_ORDERS_EACH]
    await quoter.load(rows)
