"""The grammar: items, from the left to the right, to a reading. What it can't place ends it.

A head says what is shown (``how many T``, ``average C of T``, ``C, C and C of T``); clauses follow in any order, each
begun by its own word (see the package's docstring).
"""

from __future__ import annotations

from actors.database.facts import TableFacts
from actors.database.planner.conditions import Conditions
from actors.database.planner.linking import Item
from actors.database.planner.reading import NotReadError, Order, Reading, Shown
from actors.database.planner.vocabulary import Column

_AGAIN = ("list", "show", "give", "give me", "return", "find", "tell me", "show me")
_LIGHT = ("in", "with", "of", "be", "ask", "and", "distinct")


class Grammar(Conditions):
    """One question's reading; made for it and used once."""

    def read(self) -> Reading:
        while self._at < len(self._items):
            before = self._at
            self._part()
            if self._at == before:
                raise NotReadError(f"I don't understand “{self._items[before].text}” there.")
        if not self._reading.shown:
            raise NotReadError("I don't see what is asked for.")
        if self._reading.limit is not None and not self._reading.orders:
            raise NotReadError("I don't see by what the first ones are meant.")
        return self._reading

    def _part(self) -> None:
        item = self._items[self._at]
        one_of = {
            "count": self._count,
            "agg": self._agg,
            "super": self._super,
            "each": self._each,
            "order": self._order,
            "dir": self._direction,
            "cmp": self._compared,
            "time": self._compared,
            "between": self._compared,
            "without": self._without,
            "value": self._value,
            "text": self._value,
            "like": self._like,
            "date": self._date,
            "table": self._table,
            "column": self._column,
        }
        if item.what == "ask" and self._reading.shown and item.text.lower() in _AGAIN:
            self._again()
        elif item.what in _LIGHT:
            if item.what == "distinct":
                self._reading.distinct = True
            self._at += 1
        elif item.what == "not" and self._is("value", ahead=1):
            self._at += 1
            self._value(negated=True)
        elif item.what == "not" and self._is("in", "with", "be", ahead=1) and self._is("value", ahead=2):
            self._at += 2
            self._value(negated=True)
        elif item.what == "number" and self._is("super", ahead=1):
            self._reading.limit = int(item.number)
            self._at += 1
        elif item.what in one_of:
            one_of[item.what]()

    def _again(self) -> None:
        """ "Which shop has the most employees? Give me its name.": the second sentence says what is shown."""
        self._take()
        if any(
            item.what not in ("column", "table", "count", "and", "of", "in", "each", "with")
            for item in self._items[self._at :]
        ):
            raise NotReadError("I can't read the second half of that.")
        self._reading.shown = []
        self._started = False
        while self._peek() is not None:
            self._skip("and", "of", "in", "with")
            if self._is("column"):
                self._reading.shown.append(Shown(column=self._naming.column(self._take())))
            elif self._is("table") and self._is("column", ahead=1):
                self._take()
            elif self._is("count") and self._is("table", ahead=1):
                self._take()
                self._reading.shown.append(Shown(agg="count", table=self._naming.table(self._take())))
            elif self._is("each"):
                self._each()
            elif self._is("table") and self._reading.shown:
                self._take()
            elif self._peek() is not None:
                raise NotReadError("I can't read the second half of that.")

    def _count(self) -> None:
        self._take()
        if self._started and not self._is_more_shown():
            raise NotReadError("I don't understand that count there.")
        self._skip("of")
        distinct = self._is("distinct")
        self._skip("distinct", "of")
        while self._is("value"):
            self._value()
        if not self._is("table", "column"):
            raise NotReadError("I don't see what is to be counted.")
        item = self._take()
        if item.what == "table" and not distinct:
            if self._is("column") and not self._is_compared_ahead():  # "number of stadium names"
                raise NotReadError("I don't see what is to be counted.")
            self._reading.shown.append(Shown(agg="count", table=self._naming.table(item)))
            return
        if not item.columns:
            raise NotReadError(f"I don't know which column tells different {item.text} apart.")
        column = self._naming.column(item)
        if not distinct:
            raise NotReadError(f"Rows or different values of {item.text}? Ask for the number of different ones.")
        self._reading.shown.append(Shown(agg="count", column=column, distinct=True))

    def _agg(self) -> None:
        first = self._items[self._at]
        names = []
        while self._is("agg") and not self._names_column(0):
            names.append(self._take().value)
            while self._is("and", ahead=0) and self._is("agg", ahead=1) and not self._names_column(1):
                self._at += 1
        if not names:
            if first.value == "sum" and not self._reading.shown and self._is("of", ahead=1):
                self._at += 1  # "the total of shipped orders"
                self._reading.shown.append(Shown(agg="sum", column=self._naming.column(first)))
                return None
            return self._column()
        self._skip("of")
        if self._is("number", ahead=0) or not self._is("column", "table", "agg"):
            if self._last is not None and not self._started:
                self._reading.shown += [Shown(agg=name, column=self._last) for name in names]
                return None
            raise NotReadError(f"I don't see of what the {first.text} is asked.")
        if self._is("table") and (self._is("column", ahead=1) or self._names_column(1)):
            self._at += 1
        item = self._take()
        if not item.columns:
            if (
                item.what == "table"
                and not self._reading.shown
                and names == ["sum"]
                and first.text.lower().startswith("total")
            ):
                self._reading.shown.append(Shown(agg="sum", column=self._naming.amount(item)))
                return None
            if item.what == "table" and self._last is not None and self._reading.shown:
                self._reading.shown += [Shown(agg=name, column=self._last) for name in names]
                return None
            raise NotReadError(f"{item.text} is no column that has a {first.text}.")
        column = self._naming.column(item)
        self._last = column
        if self._started and self._reading.shown and not self._is_more_shown():
            if len(names) == 1 and names[0] in ("min", "max"):  # "with the highest price"
                self._most(Shown(column=column), descending=names[0] == "max")
                return None
            raise NotReadError(f"I don't understand “{first.text} {item.text}” there.")
        if names[0] in ("sum", "avg") and (not column.is_number or column.is_key):
            raise NotReadError(f"{column.facts.name} is no number to add up.")
        if self._reading.shown and names in (["min"], ["max"]) and not self._follows("and"):
            self._most(Shown(column=column), descending=names[0] == "max")
            return None
        self._reading.shown += [Shown(agg=name, column=column) for name in names]
        return None

    def _names_column(self, ahead: int) -> bool:
        item = self._peek(ahead)
        if not item or not item.columns or self._is("column", ahead=ahead + 1):
            return False
        if self._is("of", ahead=ahead + 1) and self._is("column", "agg", ahead=ahead + 2):
            return False
        return not (self._is("and", ahead=ahead + 1) and self._is("agg", ahead=ahead + 2))

    def _follows(self, what: str) -> bool:
        """The part now read was introduced by such an item."""
        at = self._at - 1
        while at >= 0 and self._items[at].what in ("column", "agg", "table", "of"):
            at -= 1
        return at >= 0 and self._items[at].what == what

    def _is_more_shown(self) -> bool:
        return not (self._reading.filters or self._reading.orders or self._reading.counted)

    def _super(self) -> None:
        item = self._take()
        descending = item.value == "desc"
        if item.text.lower() == "top" or self._is("number"):
            self._top(item, descending)
            return
        if item.hints == ("#",) or (item.hints == () and self._is("table") and not self._is("column", ahead=1)):
            if not self._is("table"):
                if self._is("column") and item.hints == ("#",):  # "the most common type"
                    column = self._naming.column(self._take())
                    if not self._reading.shown:
                        self._reading.shown.append(Shown(column=column))
                    self._reading.groups.append(column)
                    self._most(Shown(agg="count", table=column.table), descending=descending)
                    return
                raise NotReadError(f"I don't see of what there should be the {item.text}.")
            table = self._naming.table(self._take())
            self._most(Shown(agg="count", table=table), descending=descending)
            self._started = True
            return
        if item.hints:
            self._hinted(item, descending)
            return
        if self._is("column"):
            column = self._naming.column(self._take())
            self._most(Shown(column=column), descending=descending)
            self._started = True
            return
        raise NotReadError(f"I don't know by what “{item.text}” is meant.")

    def _hinted(self, item: Item, descending: bool) -> None:
        if self._is("table"):
            table = self._naming.table(self._peek())  # type: ignore[arg-type]
        elif self._reading.subject is not None:
            table = self._reading.subject
        else:
            raise NotReadError(f"I don't know by what “{item.text}” is meant.")
        column = self._naming.hinted(item, table)
        if column.is_date and item.hints == ("age",):
            descending = not descending
        self._most(Shown(column=column), descending=descending)

    def _top(self, item: Item, descending: bool) -> None:
        if not self._is("number"):
            raise NotReadError(f"I don't know how many “{item.text}” is.")
        number = int(self._take().number)
        if not 0 < number <= 1000:
            raise NotReadError(f"I can't list the top {number}.")
        self._reading.limit = number
        if self._is("super", "agg"):
            inner = self._take()
            if inner.hints and inner.hints != ("#",):
                self._hinted(inner, inner.value == "desc")
                self._reading.limit = number
                return
            raise NotReadError(f"I don't know by what “{inner.text}” is meant.")
        self._top_descending = descending

    def _most(self, by: Shown, *, descending: bool) -> None:
        if self._reading.orders:
            raise NotReadError("There are two orders in the question.")
        self._reading.orders.append(Order(by=by, descending=descending))
        self._reading.limit = self._reading.limit or 1

    def _each(self) -> None:
        self._take()
        while self._is("column", "table"):
            item = self._take()
            if item.what == "table" and self._is("column"):
                item = self._take()
            group: Column | TableFacts = (
                self._naming.column(item) if item.what == "column" else self._naming.group(item)
            )
            if group not in self._reading.groups:
                self._reading.groups.append(group)
            if not (self._is("and") and self._is("column", ahead=1) and not self._is("be", "cmp", "agg", ahead=2)):
                break
            if not self._reading.shown:
                break
            self._at += 1
        if not self._reading.groups:
            raise NotReadError("I don't see by what the answer should be grouped.")

    def _order(self) -> None:
        item = self._take()
        descending = item.value == "desc"
        while self._is("order"):
            descending = self._take().value == "desc"
        self._skip("of", "in")
        self._started = True
        if self._is("dir") and not self._is("of", "in", "column", "table", "agg", "count", ahead=1):
            self._direction()
            return
        if self._is("dir"):
            descending = self._take().value == "desc"
            self._skip("of", "in")
        while True:
            by = self._ordering()
            if self._is("in"):
                self._skip("in")
            if self._is("dir"):
                descending = self._take().value == "desc"
            self._reading.orders.append(Order(by=by, descending=descending))
            if not (self._is("and") and self._is("column", ahead=1)):
                return
            self._at += 1

    def _ordering(self) -> Shown:
        if self._is("count"):
            self._take()
            if self._is("table"):
                return Shown(agg="count", table=self._naming.table(self._take()))
        agg = self._take().value if self._is("agg") and self._is("column", "of", ahead=1) else ""
        self._skip("of")
        if self._is("table") and self._is("column", ahead=1):
            self._at += 1
        item = self._peek()
        if item is None or not item.columns:
            raise NotReadError("I don't see by what the answer should be ordered.")
        self._at += 1
        return Shown(agg=agg, column=self._naming.column(item))

    def _direction(self) -> None:
        descending = self._take().value == "desc"
        if self._is("of", "in") and self._is("column", ahead=1):
            self._at += 1
            self._reading.orders.append(Order(by=self._ordering(), descending=descending))
        elif self._reading.orders and self._reading.limit is None:
            last = self._reading.orders.pop()
            self._reading.orders.append(Order(by=last.by, descending=descending))
        elif self._reading.shown and not self._reading.shown[0].agg:
            self._reading.orders.append(Order(by=self._reading.shown[0], descending=descending))
        else:
            raise NotReadError("I don't see by what the answer should be ordered.")

    def _table(self) -> None:
        item = self._take()
        lists = not self._reading.shown and not self._reading.groups and self._is_compared_ahead()
        if self._is("column") and not lists and self._naming.belongs(self._peek(), item):  # type: ignore[arg-type]
            return  # "stadium name": the table qualifies the column
        table = self._naming.table(item)
        if not self._reading.shown and not self._reading.groups:
            if self._reading.limit is not None or not item.columns:
                name = self._naming.listed(table)
                self._reading.shown.append(Shown(column=name))
                self._reading.doubts.append(f"{item.text} are told by {name.facts.name}")
                return
            self._reading.shown.append(Shown(column=self._naming.column(item)))
            return
        before = self._before()
        if before == "and":
            raise NotReadError(f"I don't understand “{item.text}” there.")
        if before == "by" and self._is_aggregated():
            self._reading.groups.append(table)
            return
        self._reading.present.append(table)

    def _column(self) -> None:
        item = self._take()
        column = self._naming.column(item)
        self._last = column
        if self._condition(column):
            return
        if self._is_top(column):
            return
        if self._before() == "by" and self._is_aggregated():
            self._reading.groups.append(column)
            return
        if self._started and not self._is_more_shown():
            raise NotReadError(f"I don't understand “{item.text}” there.")
        if self._reading.shown and self._at > 1 and self._items[self._at - 2].what in ("of", "in", "with"):
            raise NotReadError(f"I don't understand “{item.text}” there.")
        if any(shown.column is column and not shown.agg for shown in self._reading.shown):
            return
        self._reading.shown.append(Shown(column=column))

    def _before(self) -> str:
        """The word before the item that was taken just now."""
        return self._items[self._at - 2].text.lower() if self._at > 1 else ""

    def _is_aggregated(self) -> bool:
        return bool(self._reading.shown) and all(shown.agg for shown in self._reading.shown)

    def _is_top(self, column: Column) -> bool:
        """ "top 3 products by price"."""
        if self._top_descending is None or not self._reading.shown or self._reading.orders:
            return False
        self._reading.orders.append(Order(by=Shown(column=column), descending=self._top_descending))
        return True
