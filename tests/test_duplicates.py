"""Duplicates: passages that say the same are linked and found once; what differs in a number or a negation is not."""

from __future__ import annotations

import doctest
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import text as sql

import kb.repeats
import kb.shingles
from ingest import extract
from kb import KnowledgeBase
from kb.blocks import packed
from kb.shingles import BANDS, NEAR, Body, band_keys, body_from_text, similarity
from kb.store import DATABASE, Store
from kb.types import Filters

CORPUS = Path(__file__).parent.parent / "corpus"
ARTICLE = (
    "参保人员在本市定点医疗机构住院发生的政策范围内医疗费用，三级医院由统筹基金支付80%，其余部分由参保人员自行负担。"
)
NEARLY = ARTICLE.replace("其余部分由参保人员自行负担", "其余部分由参保人员个人负担")
OTHER_NUMBER = ARTICLE.replace("80%", "82%")
NEGATED = ARTICLE.replace("由统筹基金", "不由统筹基金")
HANT = (
    "參保人員在本市定點醫療機構住院發生的政策範圍內醫療費用，三級醫院由統籌基金支付８０％，其餘部分由參保人員自行負擔。"
)


def document(title: str, *articles: str) -> str:
    every = (*articles, "本办法由市医疗保障局负责解释。", "本办法自发布之日起施行。")
    numbered = (f"第{number}条 {article}\n" for number, article in zip("一二三四五六", every, strict=False))
    return f"{title}\n\n" + "".join(numbered)


def base_of(folder: Path, **documents: str) -> KnowledgeBase:
    place = folder / "documents"
    place.mkdir()
    for name, text in documents.items():
        (place / f"{name}.txt").write_text(text, encoding="utf-8")
    kb = KnowledgeBase.open(folder / "kb", create=True, write=True)
    kb.ingest([place])
    return kb


@pytest.mark.parametrize("module", [kb.shingles, kb.repeats])
def test_examples_in_the_documentation(module):
    outcome = doctest.testmod(module)
    assert outcome.attempted
    assert not outcome.failed


@pytest.mark.parametrize(
    ("other", "near", "why"),
    [
        (ARTICLE, True, "the same words"),
        (f"第九条　{ARTICLE}", True, "the label is not compared"),
        (ARTICLE.replace("，", ", ").replace("。", ""), True, "punctuation and blanks are not compared"),
        (NEARLY, True, "two characters changed"),
        (OTHER_NUMBER, False, "another number is another rule"),
        (NEGATED, False, "so is a negation"),
        (ARTICLE[:30], False, "a part is not the whole"),
    ],
)
def test_what_is_alike(other, near, why):
    one, two = body_from_text(ARTICLE), body_from_text(other)
    assert (similarity(one, two) >= NEAR) is near, why
    if near:
        assert np.intersect1d(*band_keys([one, two])).size, why


def test_band_keys_find_pairs_by_their_similarity():
    random = np.random.default_rng(7)
    alphabet = [chr(0x6000 + 7 * i) for i in range(1000)]
    found = dict.fromkeys((0, 2, 5, 50), 0)  # characters changed of 200: similarity 1, 0.92, 0.82 and 0
    for _ in range(100):
        words = random.choice(alphabet, 200)
        for count in found:
            changed = words.copy()
            changed[random.choice(50, count, replace=False) * 4] = "异"
            keys = band_keys([Body("".join(words), ""), Body("".join(changed), "")])
            assert keys.shape == (2, BANDS)
            found[count] += bool(np.intersect1d(*keys).size)
    assert (found[0], found[50]) == (100, 0)
    assert found[2] >= 99
    assert found[5] >= 95


def test_keys_do_not_depend_on_what_is_embedded_beside():
    bodies = [body_from_text(text) for text in (ARTICLE, NEARLY, NEGATED)]
    assert (band_keys(bodies)[1] == band_keys(bodies[1:2])[0]).all()
    assert band_keys([]).shape == (0, BANDS)


def test_a_passage_of_several_documents_is_found_once_with_its_other_places(tmp_path):
    with base_of(
        tmp_path,
        a=document("甲市住院待遇办法", "为了保障待遇，制定本办法。", ARTICLE),
        b=document("乙市住院待遇办法", NEARLY),
        c=document("丙市住院待遇辦法", HANT),
        d=document("丁市住院待遇办法", OTHER_NUMBER),
    ) as kb:
        hits = kb.search("三级医院住院统筹基金支付", k=10).hits
        alike = [hit for hit in hits if "80" in hit.quote or "８０" in hit.quote]
        assert len(alike) == 1
        names = {"甲市住院待遇办法 / 第二条", "乙市住院待遇办法 / 第一条", "丙市住院待遇辦法 / 第一条"}
        assert {*alike[0].also, f"{alike[0].document.title} / {alike[0].label}"} == names
        (other,) = [hit for hit in hits if "82%" in hit.quote]
        assert other.also == ()
        (only,) = [
            h for h in kb.search("三级医院住院统筹基金支付", filters=Filters(document="乙市")).hits if "80%" in h.quote
        ]
        assert (only.document.title, only.also) == ("乙市住院待遇办法", ())


def test_groups_outlive_removed_and_changed_documents(tmp_path):
    text = document("甲市住院待遇办法", ARTICLE)
    with base_of(tmp_path, a=text, b=text.replace("甲", "乙"), c=text.replace("甲", "丙")) as kb:
        first = next(row for row in kb.documents() if row.title == "甲市住院待遇办法")
        kb.remove(first.id)
        path = tmp_path / "documents" / "b.txt"
        path.write_text(text.replace("甲", "乙") + "第四条 原办法同时废止。\n", encoding="utf-8")
        (tmp_path / "documents" / "d.txt").write_text(text.replace("甲", "丁"), encoding="utf-8")
        kb.ingest([path.parent])
        (hit, *_) = kb.search(ARTICLE, k=1).hits
        assert len(hit.also) == 3
        assert {place[0] for place in hit.also} | {hit.document.title[0]} == {"甲", "乙", "丙", "丁"}


def test_short_passages_are_the_same_only_in_the_same_place(tmp_path):
    scheme = "住院费用按下列比例支付：" + "有关规定" * 100 + "。\n（一）三级医院80%；\n（二）二级医院85%。\n"
    with base_of(tmp_path, a=document("甲市办法", scheme), b=document("乙市办法", scheme)) as kb:
        items = [hit for hit in kb.search("三级医院80%", k=20).hits if hit.quote.startswith("（一）")]
        assert len(items) == 2


def test_a_page_that_repeats_an_article_lists_its_rules_and_figures_once(tmp_path):
    page = (CORPUS / "reports" / "医保工作总结范文通用3篇.txt").read_text(encoding="utf-8")
    body = page[page.index("医保工作总结1") :]
    with base_of(tmp_path, page=page, twice=page + "\n" + body.replace("医保工作总结1", "医保工作总结4", 1)) as kb:
        for title in ("page", "twice"):
            (row,) = (row for row in kb.documents() if row.source.endswith(f"{title}.txt"))
            filters = Filters(document=row.id)
            every, once = kb.figures(filters), kb.figures(filters, distinct=True)
            assert (
                once.total
                == len(once)
                <= every.total
                == len(every)
                == len(extract(page if title == "page" else kb.text(row.id)).figures)
            )
            assert sum(figure.count for figure in once) == len(every)
            assert {figure.record.quote for figure in once} == {figure.record.quote for figure in every}
            assert any(figure.count > 1 for figure in once) is (title == "twice")
            assert [f for page in (0, 5) for f in kb.figures(filters, limit=5, offset=page, distinct=True)] == list(
                once[:10]
            )


def test_an_older_base_gains_its_links_marks_and_blocks(tmp_path):
    twice = document("甲市住院待遇办法", ARTICLE, ARTICLE)

    def answers(kb):
        narrowed = kb.search(ARTICLE, filters=Filters(kind="percent"))
        return kb.search(ARTICLE, k=3).hits, narrowed.hits, kb.rules(distinct=True)

    with base_of(tmp_path, a=twice, b=twice.replace("甲", "乙")) as kb:
        expected = answers(kb)
    store = Store.open(tmp_path / "kb", write=True)
    ids, vectors = store.vectors(sorted(store.current_passage_ids()))
    with store.writing() as connection:
        connection.execute(sql("create table vectors (passage_id integer primary key, vector blob not null)"))
        for passage, vector in zip(ids, vectors, strict=True):
            statement = sql("insert into vectors values (:passage, :vector)")
            connection.execute(statement, {"passage": passage, "vector": packed(vector)})
        for statement in (
            "drop index passage_places",
            "create index ix_passages_version_id on passages (version_id)",
            "drop table relations",
            "drop table acts",
            "drop index ix_versions_title_key",
            "drop index ix_versions_number_key",
            "alter table versions drop column title_key",
            "alter table versions drop column number_key",
            "alter table versions add column status_s varchar",
            "drop index if exists ix_documents_collection",
            "alter table documents drop column collection",
            "drop table embeddings",
            "alter table rules drop column passage",
            "alter table figures drop column passage",
            "drop table duplicates",
            "drop table passage_keys",
            "alter table rules drop column said",
            "alter table figures drop column said",
            "delete from schema_version where number > 1",
            "pragma user_version = 1",
        ):
            connection.execute(sql(statement))
    store.close()
    with KnowledgeBase.open(tmp_path / "kb", write=True) as kb:
        assert answers(kb) == expected
        assert kb.doctor() == []
    assert (tmp_path / "kb" / DATABASE).exists()
