"""Whether a document is in force: from its own dates, the day, and what other documents of the base do to it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import delete

from ingest import extract
from ingest.errors import QueryError
from kb import KnowledgeBase
from kb.acts import find_acts
from kb.schema import relations, versions
from kb.store import DATABASE, Store, document_id
from kb.types import Filters
from kb.validity import View

OLD = """平湖市失业保险办法

（2010年3月1日平湖市人民政府令第12号公布）

第一条 失业保险金按当地最低工资标准的百分之六十发给。

第二条 单位按照工资总额的百分之二缴纳失业保险费。

第三条 本办法自2010年5月1日起施行。
"""
NEW = """平湖市失业保险办法

（2020年3月1日平湖市人民政府令第45号公布）

第一条 失业保险金按当地最低工资标准的百分之八十发给。

第二条 单位按照工资总额的百分之一缴纳失业保险费。

第三条 本办法自2020年5月1日起施行。
"""
RULES = """平湖市工伤保险规定

（2012年3月1日平湖市人民政府令第20号公布）

第一条 用人单位应当参加工伤保险，费率为百分之一。

第二条 本规定自2012年5月1日起施行。
"""
MEASURES = """平湖市職業傷害保障辦法

（2021年3月1日平湖市人民政府令第50號公布）

第一條 用人單位應當參加職業傷害保障，費率為百分之二。

第二條 本辦法自2021年6月1日起施行。《平湖市工傷保險規定》（平湖市人民政府令第20號）同時廢止。
"""
COMING = RULES.replace("工伤保险规定", "护理保险规定").replace("2012年5月1日", "2999年1月1日")
GONE = """平湖市救助办法

（2005年3月1日平湖市人民政府令第9号公布，自2005年5月1日起施行，2018年6月1日废止）

第一条 救助金每月二百元。

第二条 救助金按月发给。
"""
UNDATED = """平湖市护理补贴办法

第一条 护理补贴每月三百元。

第二条 护理补贴按月发给。
"""


def put(folder: Path, name: str, text: str) -> str:
    place = folder / "in"
    place.mkdir(exist_ok=True)
    (place / name).write_text(text, encoding="utf-8")
    with KnowledgeBase.open(folder / "kb", create=True, write=True) as kb:
        kb.ingest([place / name])
    return document_id(str(place / name))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("validity")
    for name, text in {
        "old.txt": OLD, "new.txt": NEW, "rules.txt": RULES, "measures.txt": MEASURES, "coming.txt": COMING,
        "undated.txt": UNDATED, "gone.txt": GONE,
    }.items():  # fmt: skip
        put(folder, name, text)
    return folder


def states(folder: Path, day: str | None = None) -> dict[str, str | None]:
    """The status of each document, by the name of its file, whether in force on the day or not."""
    store = Store.open(folder / "kb")
    rows = store.documents(versions.select().with_only_columns(versions.c.id), View(day))
    store.close()
    return {Path(row.source).stem: row.status for _, row in rows}


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("《甲办法》同时废止。", [("repealed_by", "甲办法", None)]),  # the plain form
        ("《甲辦法》同時廢止。", [("repealed_by", "甲办法", None)]),  # traditional
        ("《甲办法》、《乙规定》（国发〔1998〕44号）和《丙细则》同时废止。",
         [("repealed_by", t, None) for t in ("甲办法", "乙规定", "丙细则")]),  # a list shares its verb
        ("原国发〔1998〕44号文件自2024年1月1日起停止执行。", [("repealed_by", None, "2024-01-01")]),  # with a day
        ("现决定废止《甲办法》和《乙规定》。",
         [("repealed_by", t, None) for t in ("甲办法", "乙规定")]),  # the verb first
        ("决定废止2003年5月1日发布的《甲办法》。", [("repealed_by", "甲办法", None)]),  # with its history
        ("对《甲办法》作如下修改：", [("amended_by", "甲办法", None)]),  # an amendment
        ("《甲办法》由本办法取代。", [("repealed_by", "甲办法", None)]),  # replaced in so many words
        ("《甲办法》中与本办法不一致的规定同时废止。", []),  # in part: the rest stays
        ("《甲办法》第三条同时废止。", []),  # one article: the rest stays
        ("《甲办法》废止前已经受理的，按照原规定办理。", []),  # speaks of the time before
        ("未废止《甲办法》的，适用本办法。", []),  # denied
        ("依照《甲办法》执行。", []),  # applied
    ],
)  # fmt: skip
def test_acts_are_read_from_their_sentence(sentence: str, found: list[tuple[str, str | None, str | None]]) -> None:
    text = f"某某办法\n\n第一条 为了保障权益，制定本办法。\n\n第二条 {sentence}\n"
    acts = list(find_acts(text, "某某办法", extract(text).citations))
    assert [(act.kind, act.title, act.since) for act in acts] == found
    assert all(text[act.start : act.end] == act.quote and sentence[:4] in act.quote for act in acts)


def test_a_decision_amends_what_its_title_names() -> None:
    text = "平湖市人民政府关于修改《甲办法》的决定\n\n一、将第三条修改为：“费率为百分之二。”\n"
    acts = list(find_acts(text, "平湖市人民政府关于修改《甲办法》的决定", extract(text).citations))
    assert {(act.kind, act.title) for act in acts} == {("amended_by", "甲办法")}


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2009-01-01", {"old": "尚未施行", "new": "尚未施行", "rules": "尚未施行", "undated": "日期不明"}),
        ("2015-01-01", {"old": "有效", "new": "尚未施行", "rules": "有效", "gone": "有效"}),
        (None, {"old": "已修改", "new": "有效", "rules": "已废止", "coming": "尚未施行", "gone": "已废止"}),
        ("2999-01-01", {"coming": "有效"}),  # what was to come is in force from its day on
    ],
)
def test_the_status_is_that_of_the_day(folder: Path, day: str | None, expected: dict[str, str]) -> None:
    assert expected.items() <= states(folder, day).items()


def test_lists_filters_facets_and_hits_agree_on_the_status(folder: Path) -> None:
    with KnowledgeBase.open(folder / "kb") as kb:
        counted = dict(kb.facets(of=("documents",)).documents["status"])
        rows = kb.documents()
        assert counted == {status: sum(row.status == status for row in rows) for status in counted}
        for status, count in counted.items():
            assert len(kb.documents(Filters(status=status))) == count
        assert {rule.document.status for rule in kb.rules(Filters(status="已废止"))} == {"已废止"}
        assert {hit.document.status for hit in kb.search("工伤保险费率", filters=Filters(status="已廢止")).hits} == {
            "已废止"
        }
        with pytest.raises(QueryError, match="no status; choose from 有效, 已修改"):
            kb.documents(Filters(status="in_force"))


def test_an_old_hit_says_what_repealed_it_in_whose_words(folder: Path) -> None:
    with KnowledgeBase.open(folder / "kb") as kb:
        (document,) = kb.documents(Filters(document="平湖市工伤保险规定"))
        (relation,) = document.relations
        assert (relation.kind, relation.since, relation.title) == (
            "repealed_by",
            "2021-06-01",
            "平湖市職業傷害保障辦法",
        )
        assert relation.quote == "《平湖市工傷保險規定》（平湖市人民政府令第20號）同時廢止。"
        assert kb.text(relation.document)[relation.start : relation.end] == relation.quote


def test_the_newer_wording_comes_first_unless_the_day_asks_for_the_old(folder: Path) -> None:
    with KnowledgeBase.open(folder / "kb") as kb:

        def values(day: str | None) -> list[tuple[str | None, str | None]]:
            hits = kb.search("失业保险金按最低工资标准发给", k=10, filters=Filters(as_of=day)).hits
            return [(h.document.effective, h.document.status) for h in hits if "失业保险金按" in h.quote]

        assert values(None) == [("2020-05-01", "有效"), ("2010-05-01", "已修改")]
        assert values("2015-01-01") == [("2010-05-01", "有效")]
        assert values("2021-01-01") == [("2020-05-01", "有效")]
        old, new = sorted(kb.documents(Filters(document="平湖市失业保险办法")), key=lambda row: row.effective or "")
        assert (old.replaced_by, new.replaced_by) == (f"{new.id}@1", None)
        assert [r.document.effective for r in kb.search("失业保险费的缴费比例").rules] == ["2020-05-01", "2010-05-01"]


def test_the_status_comes_back_when_the_repealing_document_goes(tmp_path: Path) -> None:
    rules = put(tmp_path, "rules.txt", RULES)
    measures = put(tmp_path, "measures.txt", MEASURES)
    assert states(tmp_path)["rules"] == "已废止"
    with KnowledgeBase.open(tmp_path / "kb", write=True) as kb:
        kb.remove(measures)
        assert (kb.document(rules).status, kb.document(rules).relations) == ("有效", ())
    put(tmp_path, "measures.txt", MEASURES)
    assert states(tmp_path)["rules"] == "已废止"
    put(tmp_path, "measures.txt", MEASURES.replace("《平湖市工傷保險規定》（平湖市人民政府令第20號）同時廢止。", ""))
    assert states(tmp_path)["rules"] == "有效"  # a newer version no longer says so


def test_what_a_caller_may_not_see_repeals_nothing_for_him(tmp_path: Path) -> None:
    rules = put(tmp_path, "rules.txt", RULES)
    put(tmp_path, "measures.txt", MEASURES)
    con = sqlite3.connect(tmp_path / "kb" / DATABASE)
    con.execute("update documents set collection = 'secret' where id != ?", [rules])
    con.commit()
    con.close()
    with KnowledgeBase.open(tmp_path / "kb") as kb:
        assert kb.document(rules).status == "已废止"
        public = kb.limited_to(frozenset({"default"}))
        assert (public.document(rules).status, public.document(rules).relations) == ("有效", ())
        assert dict(public.facets(of=("documents",)).documents["status"]) == {"有效": 1}


def test_a_base_of_the_fourth_schema_learns_what_its_documents_do(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "kb" / DATABASE
    path.parent.mkdir()
    con = sqlite3.connect(folder / "kb" / DATABASE)
    con.execute("vacuum into ?", [str(path)])
    con.close()
    con = sqlite3.connect(path)
    con.executescript("""
        drop table relations; drop table acts;
        drop index ix_versions_title_key; drop index ix_versions_number_key;
        alter table versions drop column title_key; alter table versions drop column number_key;
        alter table versions add column status_s VARCHAR;
        drop index passage_places; create index ix_passages_version_id on passages (version_id);
        delete from schema_version where number > 4;
        pragma user_version = 4; pragma journal_mode = wal;
    """)
    con.close()
    Store.open(path.parent, write=True).close()
    assert states(tmp_path) == states(folder)


def test_the_doctor_restores_relations(tmp_path: Path) -> None:
    put(tmp_path, "rules.txt", RULES)
    put(tmp_path, "measures.txt", MEASURES)
    store = Store.open(tmp_path / "kb", write=True)
    with store.writing() as connection:
        connection.execute(delete(relations))
    store.close()
    assert states(tmp_path)["rules"] == "有效"
    with KnowledgeBase.open(tmp_path / "kb", write=True) as kb:
        assert ("relations", True) in [(p.part, p.repaired) for p in kb.doctor(repair=True)]
        assert "relations" not in [p.part for p in kb.doctor()]
    assert states(tmp_path)["rules"] == "已废止"
