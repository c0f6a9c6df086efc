"""The embedder: unit vectors without torch, one reading of both scripts, agreement with sentence-transformers."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.errors import StoreError
from kb.embed import SHIPPED_MODEL, StaticEmbedder, default_embedder, sentence_transformer
from kb.ngrams import LONGEST, UNKNOWN, NgramVocabulary

TEXTS = [
    "三级医院住院报销比例是多少？",
    "用人单位应当自行申报、按时足额缴纳社会保险费，非因不可抗力等法定事由不得缓缴、减免。",
    "GDP增长６.５％，共计1,234.5万元",
    "",
    "😀 \u2603",
    "第二条\n本办法所称被保险人，是指参加保险的人员。\n" * 40,
]


def _nearest(question: str, passages: list[str]) -> str:
    embedder = default_embedder()
    return passages[int((embedder.encode(passages) @ embedder.encode([question])[0]).argmax())]


def test_vectors_are_float32_of_unit_length_one_a_text() -> None:
    embedder = default_embedder()
    vectors = embedder.encode(TEXTS)
    assert vectors.shape == (len(TEXTS), embedder.dimension)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_no_texts_give_no_vectors() -> None:
    embedder = default_embedder()
    assert embedder.encode([]).shape == (0, embedder.dimension)


def test_loads_without_torch() -> None:
    program = (
        "import sys; from kb.embed import default_embedder; default_embedder().encode(['医保']);"
        "print([m for m in ('torch', 'transformers', 'sentence_transformers', 'opencc', 'jieba') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("written", "same"),
    [
        ("勞工保險條例第二條規定被保險人", "劳工保险条例第二条规定被保险人"),  # traditional and simplified
        ("全民健康保險著作權與後續處理", "全民健康保险著作权与后续处理"),
        ("醫療費用支付標準", "医疗费用支付标准"),
        ("ＧＤＰ增長６０％", "gdp增长60%"),  # full width, capitals
    ],
)
def test_variant_writing_has_the_same_vector(written: str, same: str) -> None:
    first, second = default_embedder().encode([written, same])
    np.testing.assert_array_equal(first, second)


def test_a_vector_does_not_depend_on_its_neighbours() -> None:
    embedder = default_embedder()
    together = embedder.encode(TEXTS)
    alone = np.concatenate([embedder.encode([text]) for text in TEXTS])
    np.testing.assert_allclose(together, alone, atol=1e-6)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("丢了工作能领多久失业金", "失业人员领取失业保险金的期限，按照其缴费时间长短确定，最长为二十四个月。"),
        ("上班路上被车撞了算不算工伤", "职工在上下班途中受到非本人主要责任的交通事故伤害的，应当认定为工伤。"),
        # 工资 and 报酬 share no n-gram
        ("老闆不發工資怎麼辦", "用人单位拖欠劳动者报酬的，由劳动行政部门责令限期支付劳动报酬。"),
    ],
)
def test_lay_questions_find_their_rule(question: str, answer: str) -> None:
    rules = [
        "失业人员领取失业保险金的期限，按照其缴费时间长短确定，最长为二十四个月。",
        "职工在上下班途中受到非本人主要责任的交通事故伤害的，应当认定为工伤。",
        "用人单位拖欠劳动者报酬的，由劳动行政部门责令限期支付劳动报酬。",
        "建设单位应当在工程竣工验收合格后向城建档案馆移交建设工程档案。",
        "有限责任公司由五十个以下股东出资设立。",
    ]
    assert _nearest(question, rules) == answer


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no static embedding model"):
        StaticEmbedder(tmp_path)


def test_shipped_model_is_small() -> None:
    assert sum(file.stat().st_size for file in SHIPPED_MODEL.iterdir()) <= 16 * 2**20


@pytest.mark.filterwarnings("ignore")
def test_sentence_transformers_gives_the_same_vectors() -> None:
    pytest.importorskip("sentence_transformers")
    theirs = sentence_transformer().encode(TEXTS, show_progress_bar=False)
    assert np.abs(theirs - default_embedder().encode(TEXTS)).max() <= 1e-3


TOKENS = [UNKNOWN, "医", "保", "险", "a", "医保", "保险", "医疗保险", "疗保险"]


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text("医保险疗aA醫\n 。", max_size=12), max_size=5))
def test_tokens_are_all_known_ngrams_by_position(texts: list[str]) -> None:
    vocabulary = NgramVocabulary(TOKENS, "醫A", "医a")
    ids, offsets = vocabulary.find_tokens(texts)
    for row, text in enumerate(texts):
        folded = vocabulary.fold(text)
        spans = [folded[i : i + n] for i in range(len(folded)) for n in range(1, LONGEST + 1) if i + n <= len(folded)]
        found = [vocabulary.tokens[index] for index in ids[offsets[row] : offsets[row + 1]]]
        assert found == [span for span in spans if span in TOKENS]
