"""The tables. A typed column exists for what is filtered, sorted or joined; `record` holds the whole record as JSON.

Columns ending in `_s` are copies normalized to simplified characters and lower case, for matching only; `title_key` and
`number_key` are equal where titles and numbers of documents mean the same (`kb.titles`). Spans
count code points of the original text in `texts`. Records of one version that say the same in the same words
share `said`. `versions.id` is the key everything hangs on.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData()


def _version_key() -> Column[int]:
    return Column("version_id", ForeignKey("versions.id", ondelete="CASCADE"), nullable=False, index=True)


schema_version = Table(
    "schema_version",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("description", String, nullable=False),
    Column("applied_at", String, nullable=False),
)

meta = Table("meta", metadata, Column("key", String, primary_key=True), Column("value", String, nullable=False))

documents = Table(
    "documents",
    metadata,
    Column("id", String, primary_key=True),
    Column("source", String, nullable=False, unique=True),
    Column("collection", String, nullable=False, server_default="default", index=True),
)

versions = Table(
    "versions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("document_id", ForeignKey("documents.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("version", Integer, nullable=False),
    Column("current", Boolean, nullable=False, index=True),
    Column("generation", Integer, nullable=False, index=True),
    Column("ingested_at", String, nullable=False),
    Column("sha256", String, nullable=False),
    Column("title", String),
    Column("encoding", String),
    Column("script", String),
    Column("kind", String),
    Column("doc_number", String),
    Column("issuer", String),
    Column("region", String),
    Column("level", String),
    Column("adopted", String),
    Column("published", String),
    Column("effective", String),
    Column("amended", Text, nullable=False),
    Column("repealed", String),
    Column("last_amended", String),
    Column("status", String),
    Column("length", Integer, nullable=False),
    Column("kept", Integer, nullable=False),
    Column("dropped", Integer, nullable=False),
    Column("source_s", String, nullable=False),
    Column("title_s", String),
    Column("doc_number_s", String),
    Column("issuer_s", String),
    Column("region_s", String),
    Column("level_s", String),
    Column("title_key", String, index=True),
    Column("number_key", String, index=True),
    UniqueConstraint("document_id", "version"),
    sqlite_autoincrement=True,
)

texts = Table(
    "texts",
    metadata,
    Column("version_id", ForeignKey("versions.id", ondelete="CASCADE"), primary_key=True),
    Column("text", Text, nullable=False),
)

provisions = Table(
    "provisions",
    metadata,
    Column("row", Integer, primary_key=True),
    _version_key(),
    Column("id", String, nullable=False),
    Column("path", String, nullable=False),
    Column("label", String, nullable=False),
    Column("heading", String, nullable=False),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("article", String),
    Column("paragraph", String),
    Column("item", String),
    Column("subitem", String),
    Index("provision_address", "version_id", "article"),
)

passages = Table(
    "passages",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("version_id", ForeignKey("versions.id", ondelete="CASCADE"), nullable=False),
    Column("path", String, nullable=False),
    Column("label", String, nullable=False),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("context_s", Text, nullable=False),
    Column("text_s", Text, nullable=False),
    Index("passage_places", "version_id", "start", "end"),
)

duplicates = Table(
    "duplicates",
    metadata,
    Column("passage_id", ForeignKey("passages.id", ondelete="CASCADE"), primary_key=True),
    Column("group_id", Integer, nullable=False, index=True),
)
"""Passages that say the same share a group; passages without a duplicate have no row."""

passage_keys = Table(
    "passage_keys",
    metadata,
    Column("version_id", ForeignKey("versions.id", ondelete="CASCADE"), primary_key=True),
    Column("first", Integer, nullable=False),
    Column("hashes", LargeBinary, nullable=False),
)
"""What duplicates are found by: the keys of `kb.shingles`, one row of little-endian int64 for each passage from id
`first` on."""

embeddings = Table(
    "embeddings",
    metadata,
    Column("version_id", ForeignKey("versions.id", ondelete="CASCADE"), primary_key=True),
    Column("first", Integer, nullable=False),
    Column("vectors", LargeBinary, nullable=False),
)
"""The vectors of a version's passages, one after the other from passage id `first` on, little-endian half precision."""


def _measures() -> tuple[Column[str] | Column[float], ...]:
    return (
        Column("kind", String, index=True),
        Column("value", String),
        Column("amount", Float),
        Column("unit", String),
    )


def _scopes() -> tuple[Column[str], ...]:
    return (
        Column("indicator", String, index=True),
        Column("indicator_s", String),
        Column("scheme_s", String),
        Column("population_s", String),
        Column("institution_s", String),
        Column("service_s", String),
        Column("region_s", String),
    )


rules = Table(
    "rules",
    metadata,
    Column("row", Integer, primary_key=True),
    _version_key(),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("modality", String, nullable=False, index=True),
    Column("comparator", String),
    *_measures(),
    *_scopes(),
    Column("provision", String),
    Column("passage", Integer),
    Column("said", BigInteger, nullable=False),
    Column("record", Text, nullable=False),
)

figures = Table(
    "figures",
    metadata,
    Column("row", Integer, primary_key=True),
    _version_key(),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("comparator", String),
    *_measures(),
    *_scopes(),
    Column("period", String),
    Column("provision", String),
    Column("passage", Integer),
    Column("said", BigInteger, nullable=False),
    Column("record", Text, nullable=False),
)

quantities = Table(
    "quantities",
    metadata,
    Column("row", Integer, primary_key=True),
    _version_key(),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    *_measures(),
    Column("record", Text, nullable=False),
    Index("quantity_value", "value", "unit"),
)

citations = Table(
    "citations",
    metadata,
    Column("row", Integer, primary_key=True),
    _version_key(),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("title_s", String, index=True),
    Column("doc_number_s", String, index=True),
    Column("refers_to_s", String),
    Column("article", String),
    Column("record", Text, nullable=False),
)

others = Table(
    "others",
    metadata,
    Column("row", Integer, primary_key=True),
    _version_key(),
    Column("layer", String, nullable=False),
    Column("record", Text, nullable=False),
)

acts = Table(
    "acts",
    metadata,
    Column("row", Integer, primary_key=True),
    _version_key(),
    Column("kind", String, nullable=False),
    Column("title_key", String, index=True),
    Column("number_key", String, index=True),
    Column("since", String),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("quote", Text, nullable=False),
)
"""What a version says it does to other documents, whether the base holds these or not."""

relations = Table(
    "relations",
    metadata,
    Column("row", Integer, primary_key=True),
    _version_key(),
    Column("by_id", ForeignKey("versions.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("kind", String, nullable=False),
    Column("since", String),
    Column("act", ForeignKey("acts.row", ondelete="CASCADE")),
)
"""What the version `by_id` does to `version_id`: derived from `acts`, titles, numbers and dates (`kb.bearing`)."""

removals = Table(
    "removals",
    metadata,
    Column("version_id", Integer, primary_key=True, autoincrement=False),
    Column("generation", Integer, nullable=False, index=True),
)
