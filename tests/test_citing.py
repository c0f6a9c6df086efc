"""What a citation means: the document and the provision in the knowledge base."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.cli import main
from ingest import extract
from ingest.records import Citation
from kb import KnowledgeBase

LAW = """安平省医疗保障条例
安政发〔2020〕7号
第一条 为了规范医疗保障，制定本条例。
第二条 参保人员应当按时缴费。
参保人员享受下列待遇：
（一）住院报销；
（二）门诊报销。
第三条 骗取基金的，处2倍以上5倍以下罚款。
"""
REPORT = """安平市医疗保障办法
第一条 根据《安平省医疗保障条例》（以下简称《条例》），制定本办法。
第二条 待遇按照《条例》第二条第二款第（二）项执行，违反该条例第三条的依法处罚。
第三条 按照安政发〔2020〕7号办理。
第四条 参照《外国法》第九条。
第五条 违反《条例》第九十九条的，依照本办法第一条处理。
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("citing")
    (folder / "law.txt").write_text(LAW, "utf-8")
    (folder / "report.txt").write_text(REPORT, "utf-8")
    with KnowledgeBase.open(folder / "kb", create=True, write=True) as kb:
        kb.ingest([folder / "law.txt"])
    return folder


@pytest.fixture
def kb(folder: Path) -> Iterator[KnowledgeBase]:
    with KnowledgeBase.open(folder / "kb") as base:
        yield base


def citation(quote: str) -> Citation:
    return next(c for c in extract(REPORT).citations if c.quote == quote)


@pytest.mark.parametrize(
    ("quote", "meant"),
    [
        pytest.param("《安平省医疗保障条例》", "", id="a title is its document"),
        pytest.param("《条例》第二条第二款第（二）项", "（二）门诊报销。", id="a short name with paragraph and item"),
        pytest.param("该条例第三条", "第三条 骗取基金的，处2倍以上5倍以下罚款。", id="a pronoun with an article"),
        pytest.param("安政发〔2020〕7号", "", id="a bare document number"),
        pytest.param("《条例》第九十九条", "", id="an article the document lacks leaves the document"),
    ],
)
def test_citations_mean_what_the_base_has(kb: KnowledgeBase, quote: str, meant: str) -> None:
    target = kb.resolve(citation(quote))
    assert target is not None
    assert target.document.title == "安平省医疗保障条例"
    assert (LAW[target.start : target.end] if target.start is not None else "") == meant


@pytest.mark.parametrize("quote", ["《外国法》第九条", "本办法第一条"])
def test_what_the_base_lacks_means_nothing(kb: KnowledgeBase, quote: str) -> None:
    assert kb.resolve(citation(quote)) is None


def test_the_command_line_names_targets(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["extract", str(folder / "report.txt"), "--kb", str(folder / "kb")]) == 0
    found = json.loads(capsys.readouterr().out)
    targets = {c["quote"]: c.get("target") for c in found["citations"]}
    assert targets["该条例第三条"]["label"] == "第三条"
    assert targets["《外国法》第九条"] is None
