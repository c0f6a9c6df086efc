"""What a search asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kb.scope import Scopes

if TYPE_CHECKING:
    from kb.dense import DenseSearch
    from kb.embed import Embedder
    from kb.held import Held
    from kb.lexical import LexicalIndex
    from kb.store import State, Store


@dataclass(frozen=True, slots=True)
class Engine:
    """The store and what is derived from it; `load_embedder` is None for a base without vectors.

    `degraded` says that an index is behind the store.
    """

    store: Store
    state: State
    lexical: LexicalIndex
    dense: DenseSearch
    scopes: Scopes
    held: Held
    load_embedder: Callable[[], Embedder] | None
    degraded: bool = False
