"""Businesses from a seed, each with one question whose right answer is known: the held-out test of set questions."""

from __future__ import annotations

from businesses.business import Business, Expected
from businesses.generate import generate

__all__ = ["Business", "Expected", "generate"]
