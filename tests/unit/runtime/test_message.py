"""Trace context as the W3C defines it."""

from __future__ import annotations

import re

import pytest

from runtime.message import Trace

GOOD = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def test_a_callers_trace_is_continued_in_a_new_span() -> None:
    trace = Trace.parse(GOOD)

    assert trace.trace_id == "0af7651916cd43dd8448eb211c80319c"
    assert trace.span_id != "b7ad6b7169203331"


@pytest.mark.parametrize(
    "header",
    [None, "", "x", GOOD[:-3], GOOD.replace("0af7651916cd43dd8448eb211c80319c", "0" * 32), GOOD.replace("0af", "0_f"),
     GOOD.replace("0af", "0xf"), GOOD.replace("b7a", "+7a")],
)  # fmt: skip
def test_a_malformed_trace_is_replaced_by_a_new_one(header: str | None) -> None:
    trace = Trace.parse(header)

    assert trace.trace_id not in (header or "-")
    assert re.fullmatch("00-[0-9a-f]{32}-[0-9a-f]{16}-01", trace.header())
