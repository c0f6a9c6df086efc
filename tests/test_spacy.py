"""fadu inside spaCy: the component, what a DocBin keeps, what displaCy draws. The real spaCy, blank Chinese."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
import spacy
from spacy import displacy
from spacy.tokens import DocBin

from ingest import extract, read
from ingest.spacy_component import (
    LAYERS,
    annotate,
    displacy_from_extraction,
    displacy_options,
    docbin_from_extractions,
)

ROOT = Path(__file__).parent.parent
DOCUMENTS = [
    "regulations/安澜市城乡居民基本医疗保险办法-2023.txt",
    "regulations/離島勞工互助保險條例.txt",  # traditional
    "regulations/云岭省企业职工基本养老保险实施办法.txt",  # carriage returns
    "reports/望川縣2011年新農合運行情況總結.txt",  # damaged
]


@pytest.fixture(scope="module")
def nlp():
    pipeline = spacy.blank("zh")
    pipeline.add_pipe("fadu")
    return pipeline


@pytest.mark.parametrize("name", DOCUMENTS)
def test_spans_stand_where_the_records_do(nlp, name):
    extraction = extract(read(ROOT / "corpus" / name))
    doc = nlp(extraction.text)
    assert doc.text == extraction.text
    assert doc._.fadu.rules == extract(extraction.text).rules
    for layer in LAYERS:
        found = getattr(doc._.fadu, layer)
        spans = list(doc.spans[f"fadu_{layer}"])
        assert len(spans) == len(found)
        for span in spans:
            record = found[int(span.id_)]
            assert span.start_char <= record.start < record.end <= span.end_char
            assert record.quote in span.text


def test_labels_say_what_was_found(nlp):
    doc = nlp("定点医疗机构不得分解住院，住院报销比例不低于65%，依据《社会保险法》第二十三条。")
    assert [s.label_ for s in doc.spans["fadu_rules"]] == ["prohibition", "reimbursement_ratio"]
    assert [(s.text, s.label_) for s in doc.spans["fadu_quantities"]] == [("65%", "percent")]
    assert [(s.text, s.label_) for s in doc.spans["fadu_citations"]] == [("《社会保险法》第二十三条", "citation")]


def test_words_instead_of_characters_take_whole_tokens():
    text = "三级医院住院报销比例不低于百分之六十五。"
    words = spacy.blank("zh", config={"nlp": {"tokenizer": {"segmenter": "jieba"}}})
    doc = annotate(words.make_doc(text), extract(text))
    (span,) = doc.spans["fadu_quantities"]
    assert "百分之六十五" in span.text


def test_a_docbin_keeps_everything(tmp_path):
    extractions = [extract(read(ROOT / "corpus" / name)) for name in DOCUMENTS]
    path = tmp_path / "corpus.spacy"
    docbin_from_extractions(extractions).to_disk(path)
    docs = list(DocBin(store_user_data=True).from_disk(path).get_docs(spacy.blank("zh").vocab))
    assert [doc._.fadu for doc in docs] == extractions
    assert [len(doc.spans["fadu_rules"]) for doc in docs] == [len(e.rules) for e in extractions]


def test_a_document_of_another_text_is_refused():
    with pytest.raises(ValueError, match="not the text that was extracted"):
        annotate(spacy.blank("zh").make_doc("甲"), extract("乙"))


def test_a_document_without_the_component_has_nothing():
    assert spacy.blank("zh")("甲")._.fadu is None


def test_displacy_draws_each_record_once_and_without_overlap():
    extraction = extract(read(ROOT / "corpus" / DOCUMENTS[0]))
    article = next(p for p in extraction.provisions if p.label == "第二十三条")
    drawn = displacy_from_extraction(extraction, layers=("rules", "quantities"), start=article.start, end=article.end)
    assert [drawn["text"][e["start"] : e["end"]] for e in drawn["ents"]] == ["15%", "25%"]
    assert [e["label"] for e in drawn["ents"]] == ["rules: 当年结余率", "rules: 累计结余率"]
    html = displacy.render(drawn, style="ent", manual=True, options=displacy_options(drawn), jupyter=False)
    assert "累计结余率" in html
    whole = displacy_from_extraction(extraction)["ents"]
    assert all(a["end"] <= b["start"] for a, b in pairwise(whole))


def test_the_command_line_and_the_packages_do_not_import_spacy():
    code = (
        "import sys, ingest, kb, api.cli; from ingest import extract\n"
        "extract('第一条 不得超过5%。'); assert 'spacy' not in sys.modules"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
