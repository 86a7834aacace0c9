"""What a person gets for rows: a sentence with its conditions told, CSV, and a chart where the shape suits. Pure."""

from actors.database.answering.chart import chart
from actors.database.answering.phrase import phrase
from actors.database.answering.table import csv_of

__all__ = ["chart", "csv_of", "phrase"]
