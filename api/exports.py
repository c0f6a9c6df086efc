"""Tables of a knowledge base as files: to a folder, or as a stream that is made while it is sent."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path, PurePath
from typing import IO, TYPE_CHECKING, Literal

from api.output import replacing
from api.sheets import Sheet, check_rows, csv_chunks, jsonl_chunks, write_parquet, write_xlsx

if TYPE_CHECKING:
    from kb.flat import FlatTable, Row

Form = Literal["xlsx", "csv", "parquet", "jsonl"]


def write_export(tables: Sequence[FlatTable], form: Form, output: Path) -> None:
    """Writes tables to a workbook, or each to a file of its own in a folder; every file complete or not at all.

    Raises:
        UsageError: a table does not fit a workbook.
        MissingExtraError: Parquet without pyarrow.
    """
    if form == "xlsx":
        with replacing(output) as file:
            write_workbook(tables, file)
        return
    output.mkdir(parents=True, exist_ok=True)
    for table in tables:
        sheet = _sheet(table)
        with replacing(output / f"{table.name}.{form}") as file:
            if form == "parquet":
                write_parquet(sheet, file)
            else:
                file.writelines(text_chunks(sheet, form))


def write_workbook(tables: Sequence[FlatTable], file: IO[bytes], *, folders: bool = True) -> None:
    """Writes tables as the sheets of a workbook; arguments as `bare_sheet`.

    Raises:
        UsageError: one does not fit.
    """
    for table in tables:
        check_rows(table.name, len(table))
    write_xlsx([_sheet(table) if folders else bare_sheet(table) for table in tables], file)


def text_chunks(sheet: Sheet, form: Form) -> Iterator[bytes]:
    """A sheet as CSV, else as lines of JSON."""
    return csv_chunks(sheet) if form == "csv" else jsonl_chunks(sheet)


def zip_chunks(files: Iterable[tuple[str, Iterable[bytes]]]) -> Iterator[bytes]:
    """A ZIP archive of files, each compressed as it is read."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, chunks in files:
            with archive.open(name, "w", force_zip64=True) as entry:
                for chunk in chunks:
                    entry.write(chunk)
                    yield sink.taken()
    yield sink.taken()


def bare_sheet(table: FlatTable) -> Sheet:
    """A table whose sources are names of files: where these lie on the server is nobody's business."""
    hidden = {at for at, column in enumerate(table.columns) if column in ("source", "document.source")}

    def named(row: Row) -> Row:
        return tuple(PurePath(str(value)).name if at in hidden else value for at, value in enumerate(row))

    return Sheet(table.name, table.columns, map(named, table))


def _sheet(table: FlatTable) -> Sheet:
    return Sheet(table.name, table.columns, table)


class _Sink(io.RawIOBase):
    """Where an archive is written that is read meanwhile; it cannot seek."""

    def __init__(self) -> None:
        self._held = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        self._held += memoryview(data)  # type: ignore[arg-type]
        return len(memoryview(data))  # type: ignore[arg-type]

    def taken(self) -> bytes:
        """What was written since the last time."""
        taken = bytes(self._held)
        self._held.clear()
        return taken
