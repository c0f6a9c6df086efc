"""Vocabulary packs: words of a user's own, in either script, and what is said of a pack that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.cli import main
from ingest import extract, normalize
from ingest.errors import LexiconError
from ingest.extract.vocabulary import indicator_labels, indicators
from ingest.lexicon.packs import read_pack, shipped_packs, use_packs
from kb import KnowledgeBase

PACK = """\
[[indicator]]
key = "coverage_bonus"
label = "扩面奖励"
kind = ["money"]
before = ["擴面獎勵金"]
source = "invented for this test"

[[scheme]]
name = "惠民补充险"
terms = ["惠民补充险", "惠补险"]
source = "invented for this test"
"""
TEXT = "某市办法\n第一条 惠补险扩面奖励金最高不超过500元。\n"


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    path = tmp_path / "local.toml"
    path.write_text(PACK, "utf-8")
    return path


@pytest.mark.parametrize("to", ["hans", "hant", "tw"])
def test_words_of_a_pack_are_known_in_either_script(pack: Path, to: str) -> None:
    (rule,) = extract(normalize(TEXT, to).text, packs=[pack]).rules
    assert (rule.indicator, rule.value) == ("coverage_bonus", "500")
    assert normalize(rule.scope.scheme or "").text == "惠民补充险"


def test_a_pack_is_in_use_only_where_it_is_named(pack: Path) -> None:
    with use_packs([pack]):
        assert indicator_labels()["coverage_bonus"] == "扩面奖励"
    assert "coverage_bonus" not in indicator_labels()
    (rule,) = extract(TEXT).rules
    assert rule.indicator != "coverage_bonus"


@pytest.mark.parametrize("jobs", [1, 2])
def test_ingestion_uses_packs_in_every_process(pack: Path, tmp_path: Path, jobs: int) -> None:
    for number in (1, 2):
        (tmp_path / f"{number}.txt").write_text(TEXT + f"第二条 缴费比例为{number}%。\n", "utf-8")
    with KnowledgeBase.open(tmp_path / "kb", create=True, write=True) as kb:
        kb.ingest([tmp_path / "1.txt", tmp_path / "2.txt"], jobs=jobs, packs=[pack])
        assert len([r for r in kb.rules() if r.record.indicator == "coverage_bonus"]) == 2


def test_the_command_line_takes_packs(
    pack: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    document = tmp_path / "a.txt"
    document.write_text(TEXT, "utf-8")
    assert main(["extract", str(document), "--format", "csv", "--pack", str(pack)]) == 0
    assert "coverage_bonus" in capsys.readouterr().out
    monkeypatch.setenv("FADU_PACK", str(pack))
    assert main(["extract", str(document), "--format", "csv"]) == 0
    assert "coverage_bonus" in capsys.readouterr().out


ENTRY = '[[service]]\nterms = ["门诊"]\nsource = "a"\n'


@pytest.mark.parametrize(
    ("text", "line", "wrong"),
    [
        pytest.param('[[indicator]]\nkey = "a', 2, "no valid TOML", id="syntax"),
        pytest.param(ENTRY + '[[services]]\nterms = ["住院"]\n', 4, "no table of a pack", id="unknown table"),
        pytest.param('[service]\nterms = ["住院"]\n', 1, "no list of entries", id="one pair of brackets"),
        pytest.param(ENTRY + '[[service]]\nterms = ["住院"]\n', 4, "no source", id="an entry without a source"),
        pytest.param('[[service]]\nwords = ["住院"]\nsource = "a"\n', 2, "no 'words'", id="unknown field"),
        pytest.param('[[service]]\nsource = "a"\nterms = "住院"\n', 3, "no list of words", id="a word for a list"),
        pytest.param('[[service]]\nterms = [\n "住院",\n "院",\n]\nsource = "a"\n', 4, "too short", id="one character"),
        pytest.param(ENTRY + ENTRY, 5, "stands in line 2 already", id="a word twice"),
        pytest.param('[[service]]\nterms = ["住院"]\nsource = ""\n', 3, "source is empty", id="an empty source"),
        pytest.param(
            '[[indicator]]\nkey = "Bonus"\nbefore = ["奖金"]\nsource = "a"\n', 2, "is no name", id="a key in capitals"
        ),
        pytest.param(
            '[[indicator]]\nkey = "bonus"\nbefore = ["奖金"]\nsource = "a"\n', 2, "has no label", id="a new key bare"
        ),
        pytest.param(
            '[[indicator]]\nkey = "bonus"\nlabel = "b"\nkind = ["sum"]\nbefore = ["奖金"]\nsource = "a"\n',
            4,
            "kind 'sum' is unknown",
            id="a kind that does not exist",
        ),
        pytest.param('[[indicator]]\nkey = "share"\nsource = "a"\n', 1, "has no words", id="an indicator bare"),
    ],
)
def test_errors_name_file_and_line(tmp_path: Path, text: str, line: int, wrong: str) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(LexiconError) as caught:
        read_pack(path)
    assert str(caught.value).startswith(f"{path}:{line}: ")
    assert wrong in str(caught.value)


def test_a_pack_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    with pytest.raises(LexiconError, match="name a TOML file"):
        read_pack(tmp_path / "none.toml")
    (tmp_path / "gbk.toml").write_bytes("# 医保\n".encode("gb18030"))
    with pytest.raises(LexiconError, match="UTF-8"):
        read_pack(tmp_path / "gbk.toml")


def test_shipped_packs_are_sound() -> None:
    """They pass the checks of a user's pack, and their words are written as normalized text is."""
    folder = Path(__file__).parent.parent / "ingest" / "lexicon" / "packs"
    for path in folder.glob("*.toml"):
        assert read_pack(path).indicators
    for shipped in shipped_packs():
        words = [word for i in shipped.indicators for word in (*i.before, *i.after, *i.weak)]
        words += [word for _, word in (*shipped.schemes, *shipped.narrowings)]
        assert [word for word in words if normalize(word).text != word] == []


def test_words_of_shipped_packs_are_known() -> None:
    """One word of each field: housing fund, health insurance, pension, Taiwan's health insurance."""
    for word, key in {
        "最高贷款额度": "loan_limit",
        "年度救助限额": "payment_cap",
        "计发月数": "payout_months",
        "补充保险费率": "contribution_rate",
    }.items():
        assert key in {m.item.key for m in indicators().find(word).found}
