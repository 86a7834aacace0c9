"""The conditions of the grammar: values, comparisons, dates, "with at least two T", "without T"."""

from __future__ import annotations

from actors.database.planner.cursor import Cursor
from actors.database.planner.linking import Item
from actors.database.planner.reading import Counted, Filter, NotReadError
from actors.database.planner.vocabulary import Column
from actors.dates import EARLIEST, LATEST, DateRange


class Conditions(Cursor):
    def _compared(self) -> None:
        """ "more than 20", "older than 20", "between 3 and 9", "at least two teachers"."""
        item = self._items[self._at]
        column = self._last if item.what != "cmp" or not item.hints else None
        if item.hints and self._reading.subject is not None:
            column = self._naming.hinted(item, self._reading.subject)
        if self._is("column", ahead=1) and self._is("number", ahead=2):  # "above age 20"
            self._pending = self._naming.column(self._items[self._at + 1])
            self._items[self._at : self._at + 2] = self._items[self._at : self._at + 2][::-1]
            self._at += 1
        op, values = self._operand()
        if self._is("table") and len(values) == 1 and not item.hints and not self._is("column", ahead=1):
            table = self._naming.table(self._take())
            if not isinstance(values[0], int):
                raise NotReadError("Rows are counted in whole numbers.")
            self._reading.counted.append(Counted(table=table, op=op, number=values[0]))
            self._started = True
            self._pending = None
            return
        if self._is("column") and not item.hints and self._pending is None:
            column = self._naming.column(self._take())
        elif self._pending is not None:
            column = self._pending
        elif not item.hints:
            raise NotReadError(f"I don't see what should be {item.text} {values[0]}.")
        if column is None:
            raise NotReadError(f"I don't see what should be {item.text} {values[0]}.")
        self._pending = None
        self._filter(column, op, values)

    def _operand(self) -> tuple[str, tuple[int | float, ...]]:
        item = self._take()
        if item.what == "between":
            if not (self._is("number") and self._is("and", "in", ahead=1) and self._is("number", ahead=2)):
                raise NotReadError("I don't see between which numbers.")
            low = self._take().number
            self._at += 1
            return "between", (low, self._take().number)
        op = item.value
        if not self._is("number"):
            raise NotReadError(f"I don't see a number after “{item.text}”.")
        number = self._take().number
        if self._is("more"):
            op = self._take().value
        return op, (number,)

    def _filter(self, column: Column, op: str, values: tuple[str | int | float, ...], *, negated: bool = False) -> None:
        if op not in ("=", "in", "like") and not column.is_number and not column.is_year:
            raise NotReadError(f"{column.facts.name} has no numbers to compare with.")
        if op in ("=", "in") and column.is_number and any(isinstance(value, str) for value in values):
            raise NotReadError(f"{column.facts.name} holds numbers.")
        if not column.is_number:
            values = tuple(str(value) for value in values)
        self._reading.filters.append(Filter(column=column, op=op, values=values, negated=negated))
        self._started = True
        self._last = column

    def _value(self, *, negated: bool = False) -> None:
        """A known value, by itself or with others: "Chennai", "Chennai or Madurai"."""
        item = self._take()
        if item.what == "text" and not item.values:
            return self._named_text(item, negated)
        chosen = self._naming.value(item)
        texts = [chosen.text]
        if self._is("column") and chosen.column in self._items[self._at].columns:
            self._at += 1  # "the sales department"
        while self._is("or", "and") and self._is("value", "text", ahead=1):
            other = self._naming.value(self._peek(1), of=chosen.column)  # type: ignore[arg-type]
            if other.column is not chosen.column:
                break
            if self._is("and"):
                raise NotReadError(f"“{item.text} and {other.text}”: both at once, or either?")
            texts.append(other.text)
            self._at += 2
        self._filter(chosen.column, "in" if len(texts) > 1 else "=", tuple(texts), negated=negated)
        return None

    def _named_text(self, item: Item, negated: bool) -> None:
        """A quoted text that no value is known for: the name of the table that stands before it."""
        before = self._items[self._at - 2] if self._at > 1 else None
        if before is not None and before.what == "be" and self._at > 2:
            before = self._items[self._at - 3]
        if before is None or before.what != "table":
            raise NotReadError(f"I don't know of which column “{item.text}” is a value.")
        column = self._vocabulary.name_column(self._naming.table(before))
        if column is None:
            raise NotReadError(f"I don't know of which column “{item.text}” is a value.")
        self._filter(column, "=", (item.text,), negated=negated)

    def _like(self) -> None:
        raise NotReadError(f"I don't see what “{self._take().text}” is about.")

    def _date(self) -> None:
        item = self._take()
        assert item.period is not None
        if self._pending is None and (year := self._naming.year(item)) is not None:
            self._years(year, item.period)
            return
        column = self._pending or self._naming.date(self._reading.subject, item)
        self._reading.filters.append(Filter(column=column, op="period", values=(), period=item.period))
        self._started = True

    def _years(self, column: Column, period: DateRange) -> None:
        first, last = period.first.year, period.last.year
        if period.last == LATEST:
            self._filter(column, ">=", (first,))
        elif period.first == EARLIEST:
            self._filter(column, "<=", (last,))
        elif first == last:
            self._filter(column, "=", (first,))
        else:
            self._filter(column, "between", (first, last))

    def _without(self) -> None:
        self._take()
        if not self._is("table"):
            raise NotReadError("I don't see without what.")
        self._reading.absent.append(self._naming.table(self._take()))
        self._started = True

    def _condition(self, column: Column) -> bool:
        """What may follow a column that is compared: "is 3", "above 3", "not Chennai", "starting with A"."""
        before = self._at
        self._skip("be", "in", "with")
        negated = self._is("not")
        self._skip("not")
        self._skip("be")
        if self._is("of") and self._is("cmp", "between", "number", ahead=1):
            self._at += 1
        if self._is("cmp") and self._is("number", ahead=1) and self._is("table", ahead=2):
            self._at = before  # "cities with at least two customers"
            return False
        if self._is("cmp", "time", "between") and not negated and not self._items[self._at].hints:
            self._pending = column
            self._compared()
            self._pending = None
            return True
        if self._is("number"):
            number = self._take().number
            op = self._take().value if self._is("more") else "="
            numbers = [number]
            while op in ("=", "in") and self._is("or") and self._is("number", ahead=1):
                self._at += 1
                numbers.append(self._take().number)
                op = "in"
            self._filter(column, op, tuple(numbers), negated=negated)
            return True
        if self._is("like"):
            shape = self._take().value
            self._skip("be")
            if not self._is("text", "value", "number"):
                raise NotReadError("I don't see with what it should be compared.")
            if "%" in self._items[self._at].text or "_" in self._items[self._at].text:
                raise NotReadError("A text with % or _ in it can't be looked for.")
            self._filter(column, "like", (shape.replace("x", self._take().text),), negated=negated)
            return True
        if self._is("value", "text"):
            item = self._items[self._at]
            own = [value for value in item.values if value.column is column]
            if own or (item.what == "text" and not column.is_number):
                self._at += 1
                texts = [own[0].text if own else item.text]
                while self._is("or") and self._is("value", "text", ahead=1):
                    self._at += 1
                    other = self._take()
                    texts.append(next((v.text for v in other.values if v.column is column), other.text))
                self._filter(column, "in" if len(texts) > 1 else "=", tuple(texts), negated=negated)
                return True
        if self._is("date") and column.is_date and not negated:
            self._pending = column
            self._date()
            self._pending = None
            return True
        self._at = before
        return False

    def _is_compared_ahead(self) -> bool:
        """The column that comes is no part of what is shown: it is compared with something."""
        return self._is("column") and self._is(
            "be", "text", "value", "number", "cmp", "like", "between", "date", ahead=1
        )
