"""Records as flat rows: what a data frame, a spreadsheet and Parquet can hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from itertools import islice
from typing import Any

from ingest.errors import MissingExtraError

Value = str | int | float | bool | None
Row = tuple[Value, ...]
BATCH = 5_000
"""Rows that Arrow is handed at a time."""
_WHOLE = frozenset({"start", "end", "length", "version", "count"})
_EITHER = frozenset({"approx", "current"})


@dataclass(frozen=True, slots=True)
class FlatTable:
    """A table of a knowledge base, read again each time its rows are asked for.

    Attributes:
        name: what it holds.
        columns: `document.` before those of the document, `scope.` before what narrows a rule.
        count: how many rows it has.
        read: gives the rows, a document at a time, one value a column.
    """

    name: str
    columns: tuple[str, ...]
    count: int
    read: Callable[[], Iterator[Row]]

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[Row]:
        return self.read()

    def to_dataframe(self) -> Any:
        """The table as a `pandas.DataFrame`.

        Raises:
            MissingExtraError: pandas is not installed.
        """
        try:
            import pandas  # type: ignore[import-untyped]
        except ImportError as error:
            raise MissingExtraError("a data frame", "notebooks") from error
        return pandas.DataFrame.from_records(list(self), columns=list(self.columns))

    def to_arrow(self) -> Any:
        """The table as a `pyarrow.Table`: spans and counts int64, what is either bool, all else string.

        Raises:
            MissingExtraError: pyarrow is not installed.
        """
        return arrow_table(self.columns, self)


def arrow_table(columns: tuple[str, ...], rows: Iterator[Row] | FlatTable) -> Any:
    """Rows as a `pyarrow.Table`.

    Raises:
        MissingExtraError: pyarrow is not installed.
    """
    import_arrow()
    import pyarrow

    return pyarrow.Table.from_batches(arrow_batches(columns, iter(rows)), schema=arrow_schema(columns))


def import_arrow() -> None:
    """Nothing, if pyarrow is installed.

    Raises:
        MissingExtraError: it is not.
    """
    try:
        import pyarrow  # noqa: F401
    except ImportError as error:
        raise MissingExtraError("Parquet and Arrow", "notebooks") from error


def arrow_schema(columns: tuple[str, ...]) -> Any:
    """The types of some columns, by their names."""
    import pyarrow

    def type_of(column: str) -> Any:
        name = column.rpartition(".")[2]
        return pyarrow.int64() if name in _WHOLE else pyarrow.bool_() if name in _EITHER else pyarrow.string()

    return pyarrow.schema([(column, type_of(column)) for column in columns])


def arrow_batches(columns: tuple[str, ...], rows: Iterator[Row]) -> Iterator[Any]:
    """Rows as record batches of at most `BATCH`."""
    import pyarrow

    schema = arrow_schema(columns)
    while batch := list(islice(rows, BATCH)):
        values = zip(*batch, strict=True)
        arrays = [
            pyarrow.array([str(v) if v is not None and kind == pyarrow.string() else v for v in column], type=kind)
            for column, kind in zip(values, schema.types, strict=True)
        ]
        yield pyarrow.record_batch(arrays, schema=schema)


def flatten(record: Mapping[str, Any], prefix: str = "") -> dict[str, Value]:
    """A nested record as one row; inner keys are joined by a dot, lists by ；.

    >>> flatten({"value": "70", "scope": {"scheme": "职工医保"}, "exceptions": ["甲", "乙"]})
    {'value': '70', 'scope.scheme': '职工医保', 'exceptions': '甲；乙'}
    """
    row: dict[str, Value] = {}
    for key, value in record.items():
        if isinstance(value, dict):
            row |= flatten(value, f"{prefix}{key}.")
        elif isinstance(value, (list, tuple)):
            row[prefix + key] = "；".join(str(item) for item in value)
        else:
            row[prefix + key] = value
    return row


def record_columns(cls: type, explain: bool = False) -> tuple[str, ...]:
    """The columns a dataclass of records flattens to, present in every row or not."""
    from ingest.records import Scope

    names: list[str] = []
    for field in fields(cls):
        if field.name == "scope":
            names += [f"scope.{inner.name}" for inner in fields(Scope)]
        elif field.name == "relations":
            continue
        elif field.name not in ("cues", "confidence") or explain:
            names.append(field.name)
    return tuple(names)
