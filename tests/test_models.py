"""Models of others, made here with a few random weights: by setting, never mixed, never fetched."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from kb_samples import write_documents

from ingest.errors import MissingExtraError, StoreError
from kb import KnowledgeBase
from kb.embed import SHIPPED_MODEL, StaticEmbedder, default_embedder
from kb.embedders import embedder_from_setting
from kb.features import Candidates
from kb.rerankers import reranker_from_environment, reranker_from_setting

QUESTION = "三级医院住院支付比例是多少"
TEXTS = ["三级医院支付比例为82%。", "参保人员每人每年缴费480元。", "", "起付标准为每次600元。" * 40]

pytestmark = pytest.mark.filterwarnings("ignore:.*:DeprecationWarning")


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Saved models: two encoders that differ in their weights only, a cross-encoder, a classifier of three classes."""
    pytest.importorskip("sentence_transformers")
    import torch
    from sentence_transformers import CrossEncoder, SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertForSequenceClassification, BertModel, BertTokenizerFast

    at = tmp_path_factory.mktemp("models")
    signs = sorted({*QUESTION, *"".join(TEXTS), *"0123456789"})
    (at / "vocab.txt").write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *signs]))
    tokenizer = BertTokenizerFast(str(at / "vocab.txt"))
    size = {"vocab_size": len(tokenizer), "hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    config = BertConfig(**size, intermediate_size=16, max_position_embeddings=64)

    def saved(name: str, seed: int, kind: type, labels: int = 1) -> Path:
        torch.manual_seed(seed)
        config.num_labels = labels
        model = kind(config)
        with torch.no_grad():
            for weights in model.parameters():
                weights.normal_()
        model.save_pretrained(at / name)
        tokenizer.save_pretrained(at / name)
        return at / name

    made = {"rerank": saved("rerank", 1, BertForSequenceClassification)}
    made["classes"] = saved("classes", 1, BertForSequenceClassification, 3)
    for name, seed in (("one", 1), ("two", 2)):
        plain = Transformer(str(saved(f"plain-{name}", seed, BertModel)), max_seq_length=64)
        made[name] = at / name / "tiny"
        SentenceTransformer(modules=[plain, Pooling(16)]).save(str(made[name]))
    assert CrossEncoder(str(made["rerank"])).num_labels == 1
    return made


def candidates() -> Candidates:
    n = len(TEXTS)
    none = np.zeros(n, dtype=np.float32)
    return Candidates(np.arange(n), np.ones(n, dtype=np.int64), ["办法"] * n, TEXTS, none, none, none == 0)


def test_a_stock_model_is_an_embedder(tmp_path: Path) -> None:
    pytest.importorskip("sentence_transformers")
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer

    own = StaticEmbedder()
    tokenizer = Tokenizer.from_file(str(SHIPPED_MODEL / "tokenizer.json"))
    SentenceTransformer(modules=[StaticEmbedding(tokenizer, embedding_weights=own.vectors)]).save(str(tmp_path))
    plugged = embedder_from_setting(f"sentence-transformers:{tmp_path}")
    expanded = [own.vocabulary.expand(text) for text in TEXTS]
    assert plugged.dimension == own.dimension
    assert np.abs(plugged.encode(expanded) - own.encode(TEXTS)).max() <= 1e-3


def test_an_encoder_gives_unit_vectors_from_several_threads(folders: dict[str, Path]) -> None:
    embedder = embedder_from_setting(f"sentence-transformers:{folders['one']}")
    expected = embedder.encode(TEXTS)
    assert expected.shape == (len(TEXTS), embedder.dimension)
    np.testing.assert_allclose(np.linalg.norm(expected, axis=1), 1, atol=1e-5)
    assert embedder.encode([]).shape == (0, embedder.dimension)
    with ThreadPoolExecutor(4) as pool:
        for vectors in pool.map(embedder.encode, [TEXTS] * 8):
            np.testing.assert_allclose(vectors, expected, atol=1e-5)


def test_a_model_is_known_by_its_weights(folders: dict[str, Path], tmp_path: Path) -> None:
    """Both folders are called `tiny`; the same one is the same by whatever path."""
    one, two = (embedder_from_setting(f"sentence-transformers:{folders[name]}").name for name in ("one", "two"))
    assert one != two
    assert one.startswith("sentence-transformers:tiny#")
    (tmp_path / "link").symlink_to(folders["one"])
    assert embedder_from_setting(f"sentence-transformers:{tmp_path / 'link'}/").name == one


def test_a_base_refuses_another_model_and_is_embedded_anew_on_demand(
    folders: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = tmp_path / "kb"
    monkeypatch.setenv("FADU_EMBEDDER", f"sentence-transformers:{folders['one']}")
    with KnowledgeBase.open(base, create=True, write=True) as kb:
        kb.ingest([write_documents(tmp_path)])
        assert kb.search(QUESTION).hits
        assert kb.doctor() == []
    monkeypatch.setenv("FADU_EMBEDDER", f"sentence-transformers:{folders['two']}")
    another = tmp_path / "another.txt"
    another.write_text("某市办法\n第一条 每人每月补助100元。\n", encoding="utf-8")
    with KnowledgeBase.open(base, write=True) as kb:
        refused = r"made by sentence-transformers:tiny#.* not by sentence-transformers:tiny#.*doctor --repair"
        with pytest.raises(StoreError, match=refused):
            kb.search(QUESTION)
        with pytest.raises(StoreError, match=refused):
            kb.ingest([another])
        assert another.name not in {Path(row.source).name for row in kb.documents()}
        assert [(p.part, p.repaired) for p in kb.doctor(repair=True) if p.part == "vectors"] == [("vectors", True)]
        assert kb.search(QUESTION).hits
        kb.ingest([another])
        assert kb.doctor() == []
    monkeypatch.delenv("FADU_EMBEDDER")
    with KnowledgeBase.open(base, write=True) as kb:
        kb.doctor(repair=True)
        assert kb.search(QUESTION).hits[0].score == 1.0
        assert kb._store.state.embedder == default_embedder().name


def test_a_cross_encoder_puts_the_candidates_in_its_own_order(
    folders: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Random weights have an order nothing else would give; the model itself says which."""
    from sentence_transformers import CrossEncoder

    with KnowledgeBase.open(tmp_path / "kb", create=True, write=True) as kb:
        kb.ingest([write_documents(tmp_path)])
        usual = kb.rank(QUESTION)
        monkeypatch.setenv("FADU_RERANKER", f"cross-encoder:{folders['rerank']}")
        ranking = kb.rank(QUESTION)
        places = [passage for _, _, passage in kb._store.passages(sorted(ranking.fused))]
        places_of = dict(zip(sorted(ranking.fused), [passage.start for passage in places], strict=True))
        pairs = [(QUESTION, f"{passage.context_s}\n{passage.text_s}") for passage in places]
        scores = dict(zip(sorted(ranking.fused), CrossEncoder(str(folders["rerank"])).predict(pairs), strict=True))
        assert ranking.fused == usual.fused
        assert ranking.best(3) == sorted(scores, key=lambda i: -scores[i])[:3] != usual.best(3)
        quotes = [places_of[i] for i in ranking.best(1)]
        assert [hit.start for hit in kb.search(QUESTION, k=1).hits] == quotes
        monkeypatch.setenv("FADU_RERANKER", "none")
        assert kb.rank(QUESTION).final == usual.fused


def test_a_cross_encoder_scores_from_several_threads(folders: dict[str, Path]) -> None:
    reranker = reranker_from_setting(f"cross-encoder:{folders['rerank']}")
    assert reranker is not None
    expected = reranker.scores(QUESTION, candidates())
    assert expected.shape == (len(TEXTS),)
    assert expected.max() > 1  # log odds, not squeezed to between 0 and 1
    with ThreadPoolExecutor(4) as pool:
        for scores in pool.map(lambda _: reranker.scores(QUESTION, candidates()), range(8)):
            np.testing.assert_allclose(scores, expected, atol=1e-4)


def test_only_the_shipped_embedder_has_a_reranker_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FADU_RERANKER", raising=False)
    assert reranker_from_environment(default_embedder().name) is not None
    assert reranker_from_environment("another") is None


@pytest.mark.parametrize("setting", ["cross-encoder:", "bge", "sentence-transformers:x"])
def test_a_setting_that_names_no_reranker_says_what_would(setting: str) -> None:
    with pytest.raises(StoreError, match="names no reranker; write cross-encoder:FOLDER, or none"):
        reranker_from_setting(setting)


@pytest.mark.parametrize("kind", ["an-absent-folder", "an-empty-folder", "owner/a-name-that-is-not-cached"])
def test_what_is_no_model_is_refused_at_once_and_nothing_fetched(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("sentence_transformers")
    (tmp_path / "an-empty-folder").mkdir()
    monkeypatch.chdir(tmp_path)
    for load, what in ((embedder_from_setting, "sentence-transformers"), (reranker_from_setting, "cross-encoder")):
        with pytest.raises(StoreError, match=rf"{kind}: no .* could be loaded.*give the folder"):
            load(f"{what}:{kind}")


def test_a_classifier_is_no_reranker(folders: dict[str, Path]) -> None:
    with pytest.raises(StoreError, match="classifier of 3 classes"):
        reranker_from_setting(f"cross-encoder:{folders['classes']}")


def test_a_missing_library_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    for load, what in ((embedder_from_setting, "sentence-transformers"), (reranker_from_setting, "cross-encoder")):
        with pytest.raises(MissingExtraError, match=r"fadu\[models\]"):
            load(f"{what}:some/model")


def test_a_search_with_the_shipped_models_imports_no_torch(tmp_path: Path) -> None:
    script = (
        "import sys; from kb import KnowledgeBase\n"
        f"with KnowledgeBase.open({str(tmp_path / 'kb')!r}, create=True, write=True) as kb:\n"
        f"    kb.ingest([{str(write_documents(tmp_path))!r}]); assert kb.search('支付比例').hits\n"
        "print([m for m in ('torch', 'transformers', 'sentence_transformers', 'spacy', 'pandas') if m in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
