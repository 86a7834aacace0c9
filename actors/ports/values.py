"""Values that several ports share."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

Vector: TypeAlias = Sequence[float]  # L2-normalised, ``Embedder.dimension`` long
Scalar: TypeAlias = str | float | int | None
