"""A question in plain words to one SELECT, without a model.

The way of a question::

    words     "How many orders came from Chennai this week?" → singular, lower-case words, numbers, quoted texts
    linking   each span of them → a phrase of the grammar, a table, a column, a known value, a number, a date
    grammar   the items, left to right → a Reading: what is shown, filters, groups, orders
    joins     the one shortest way along foreign keys between the reading's tables
    building  the Reading → a sqlglot tree, which the gate then judges like any other statement

The grammar, where T is a table, C a column, V a known value and N a number::

    question := head clause*
    head     := "how many" T | "how many different" C | agg {"and" agg} C | C {"," C} ["of" T] | T | "top" N T "by" C
    clause   := ("per" | "for each" | "by each") (C | T)             groups
              | ["whose" | "with"] C ["is"] ["not"] (V | N | compare N | "between" N "and" N | "starting with" text)
              | ["from" | "in"] ["not"] V {"or" V}                    the column that knows the value
              | date                                                  the one date of the subject (actors/dates.py)
              | "with" compare N T | "without" T | T                  rows that belong to it
              | "with the highest" C | "the youngest" | "with the most" T
              | ("ordered by" | "in descending order of") C ["descending"]

Every word has to find its place. A word that is no phrase, name or known value, a name that may mean two things, two
ways from table to table, a column that may not be read: each ends the reading, nothing runs, and the reason is told.
Not covered, and declined: nested comparisons ("above the average"), set operations, arithmetic, "neither … nor".
"""

from actors.database.planner.plan import Declined, Planned, Planner
from actors.database.planner.vocabulary import Vocabulary

__all__ = ["Declined", "Planned", "Planner", "Vocabulary"]
