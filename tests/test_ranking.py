"""The reranker: what answers comes before what only sounds like it; odd candidates do no harm."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from ingest.errors import StoreError
from kb.embed import StaticEmbedder, default_embedder
from kb.features import NAMES, Candidates, FeatureMaker
from kb.rerank import SHIPPED_RERANKER, Reranker, shipped_reranker
from kb.training.corpus import Article, Question
from kb.training.split import Trained

RULES = [
    "第一条 为了规范失业保险工作，制定本条例。",
    "第二条 失业人员领取失业保险金的期限，按照其缴费时间长短确定，最长为二十四个月。",
    "第三条 失业保险金的标准，不得低于城市居民最低生活保障标准。",
    "第四条 用人单位应当按时足额缴纳失业保险费。",
]


def candidates(question: str, texts: list[str], context: str = "失业保险条例") -> Candidates:
    embedder = default_embedder()
    cosines = embedder.encode([f"{context}\n{text}" for text in texts]) @ embedder.encode([question])[0]
    n = len(texts)
    lexical = np.zeros(n, dtype=np.float32)
    return Candidates(np.arange(n), np.ones(n, dtype=np.int64), [context] * n, texts, lexical, cosines, lexical == 0)


@pytest.fixture(scope="module")
def reranker() -> Reranker:
    found = shipped_reranker(default_embedder().name)
    assert found is not None
    return found


def test_what_answers_comes_first(reranker: Reranker) -> None:
    scores = reranker.scores("失业保险金最长能领多久", candidates("失业保险金最长能领多久", RULES))
    assert RULES[int(scores.argmax())] == RULES[1]


@pytest.mark.parametrize(
    ("question", "texts", "context"),
    [
        ("失业", ["失业"], ""),
        ("？！", RULES, "失业保险条例"),
        ("失业保险", ["", "\n", "。；"], "失业保险条例"),
        ("zzzz", ["qqqq", "😀"], "x"),
        ("失业" * 500, RULES, "失业保险条例" * 50),
    ],
)
def test_odd_candidates_have_finite_scores(reranker: Reranker, question: str, texts: list[str], context: str) -> None:
    scores = reranker.scores(question, candidates(question, texts, context))
    assert scores.shape == (len(texts),)
    assert np.isfinite(scores).all()


def test_every_feature_has_a_name_and_none_depends_on_order() -> None:
    embedder = StaticEmbedder()
    maker = FeatureMaker(embedder, np.ones(len(embedder.vocabulary), dtype=np.float32))
    found = candidates("失业保险金领多久", RULES)
    features = maker.features("失业保险金领多久", found)
    assert features.shape == (len(RULES), len(NAMES))
    order = np.array([2, 0, 3, 1])
    shuffled = Candidates(
        found.ids[order],
        found.documents[order],
        found.contexts,
        [RULES[i] for i in order],
        found.lexical[order],
        found.cosines[order],
        found.found_dense[order],
    )
    np.testing.assert_allclose(maker.features("失业保险金领多久", shuffled), features[order], atol=1e-5)


def test_it_belongs_to_its_embedder(tmp_path) -> None:
    assert shipped_reranker("sentence-transformers:other") is None
    other = StaticEmbedder()
    other.name = "other"
    with pytest.raises(StoreError, match="made for the embedder fadu-static"):
        Reranker(SHIPPED_RERANKER, other)
    (tmp_path / "weights.npz").write_bytes(b"nothing")
    with pytest.raises(StoreError, match="no reranker can be read there"):
        Reranker(tmp_path / "weights.npz", StaticEmbedder())


def test_it_loads_without_torch() -> None:
    program = "import sys, kb.rerank; kb.rerank.shipped_reranker('fadu-static-2'); print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_model_tells_what_it_was_trained_on(tmp_path) -> None:
    articles = [Article(1, "甲法", "一", "第一条"), Article(2, "甲法", "二", "第二条")]
    asked, other, same = (
        Question(k, t, frozenset({a})) for k, t, a in (("a", "问", 1), ("b", "别", 2), ("c", "再", 1))
    )
    drafted = Question("w", "写", frozenset({2}))
    Trained.of([asked], [drafted], articles).write(tmp_path)
    known = Trained.read(tmp_path)
    assert known.held_back([asked, drafted, other, same]) == [other, same]
    assert known.unseen([other, same], articles) == [other]
    assert known.unseen([other, same], articles, written=True) == []
