from __future__ import annotations

from pathlib import Path

import pytest

from actors.ingest.parse import parse

_TEXT = """
=====
Terms
=====

Returns
-------

Returns are *free* for ``30`` days, see `the policy <https://shop.example/p>`_ and :ref:`more <m>`.

.. note:: Not for food.

.. versionadded:: 2.0
   Longer days.

1. one
2. two

   * inner

+------+-------+
| name | price |
+======+=======+
| Lamp | 3     |
|      +-------+
|      | 4     |
+------+-------+

.. list-table::
   :header-rows: 1

   * - name
     - city
   * - Ann
     - Graz

.. csv-table:: Stock
   :header: name, price

   Oil, 1

Sub
~~~

Last words.
"""


def test_headings_of_every_adornment_have_their_level() -> None:
    parsed = parse(_TEXT.encode(), "a.rst")
    assert [(h.level, h.text) for h in parsed.headings] == [(1, "Terms"), (2, "Returns"), (3, "Sub")]
    assert parsed.title == "Terms"
    assert all(parsed.text[h.start :].startswith("#" * h.level + f" {h.text}\n") for h in parsed.headings)


def test_what_is_marked_up_is_plain_words_and_nothing_is_lost() -> None:
    lines = [line for line in parse(_TEXT.encode(), "a.rst").text.split("\n") if line]
    assert lines == [
        "# Terms",
        "## Returns",
        "Returns are free for 30 days, see the policy and :ref:`more <m>`.",
        "Not for food.",
        ".. versionadded:: 2.0",
        "Longer days.",
        "1. one",
        "2. two",
        "  - inner",
        "- name: Lamp; price: 3",
        "- name: Lamp; price: 4",
        "- name: Ann; city: Graz",
        "Stock",
        "- name: Oil; price: 1",
        "### Sub",
        "Last words.",
    ]


@pytest.mark.parametrize(
    "directive", ["include::", "literalinclude::", "csv-table:: x\n   :file:", "raw:: html\n   :file:"]
)
def test_no_file_that_a_text_names_is_opened(directive: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("only-for-the-machine")
    text = parse(f"Words.\n\n.. {directive} {secret}\n\nMore.\n".encode(), "a.rst").text
    assert "Words." in text
    assert "only-for-the-machine" not in text
