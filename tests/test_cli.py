"""The command line as a user meets it: its output, exit statuses, one-line errors."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from api.cli import COMMANDS, build_parser, main
from api.screen import Screen
from kb.export import NAMES

ROOT = Path(__file__).parent.parent
CORPUS = ROOT / "corpus"
REPORT = CORPUS / "reports" / "安澜市2023年度居民医保基金审计报告.txt"
HEAVY = ("chromadb", "sqlalchemy", "fastapi", "uvicorn", "pydantic", "spacy", "torch", "numpy", "openpyxl", "jieba")
REGULATION = """梅溪市城乡居民基本医疗保险办法

第一条　为规范基本医疗保险管理，制定本办法。
第二条　参保人员在三级医院住院的，报销比例为60%；在二级医院住院的，报销比例为75%。
第三条　定点医疗机构不得分解收费。
第四条　本办法自2024年1月1日起施行。
"""


@dataclass(frozen=True)
class Done:
    """What a run of `fadu` left."""

    returncode: int
    stdout: str
    stderr: str


def fadu(*args: object, stdin: bytes = b"", cwd: Path = ROOT) -> Done:
    """Runs `fadu` in this process, with the byte streams a shell would give it."""
    streams = [io.TextIOWrapper(io.BytesIO(data), encoding="ascii") for data in (stdin, b"", b"")]
    saved = sys.stdin, sys.stdout, sys.stderr
    sys.stdin, sys.stdout, sys.stderr = streams
    try:
        with contextlib.chdir(cwd):
            status = main([str(arg) for arg in args])
    except SystemExit as exit:
        status = int(exit.code or 0)
    finally:
        sys.stdin, sys.stdout, sys.stderr = saved
    for stream in streams[1:]:
        stream.flush()
    out, err = (stream.buffer.getvalue().decode() for stream in streams[1:])  # type: ignore[attr-defined]
    return Done(status, out, err)


def fadu_process(*args: object, stdin: bytes = b"", **environment: str) -> Done:
    """Runs `fadu` in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "api.cli", *map(str, args)],
        input=stdin,
        capture_output=True,
        cwd=ROOT,
        env={**os.environ, **environment},
        timeout=120,
        check=False,
    )
    return Done(done.returncode, done.stdout.decode(), done.stderr.decode())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one regulation and files that must be refused."""
    folder = tmp_path_factory.mktemp("documents")
    (folder / "办法.txt").write_text(REGULATION, encoding="utf-8")
    (folder / "empty.txt").write_bytes(b"")
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7\n1 0 obj\n<<")
    return folder


@pytest.fixture(scope="module")
def base(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A knowledge base made by `fadu ingest` of `folder`."""
    base = tmp_path_factory.mktemp("base") / "kb"
    done = fadu("ingest", folder, "--kb", base)
    assert done.returncode == 1, done.stderr
    assert "1 added" in done.stdout
    assert "2 refused" in done.stdout
    refused = [line for line in done.stderr.splitlines() if line.startswith("refused")]
    assert len(refused) == 2
    assert any("empty.txt" in line for line in refused)
    return base


@pytest.mark.parametrize("args", [["--help"], *([name, "--help"] for name in COMMANDS)], ids=lambda a: a[0])
def test_help_imports_nothing_heavy(args: list[str]) -> None:
    code = (
        "import sys; from api.cli import main\n"
        f"try: main({args!r})\nexcept SystemExit as e: assert not e.code\n"
        f"found = [m for m in {HEAVY!r} if m in sys.modules]\nassert not found, found"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr.decode()
    assert b"usage: fadu" in done.stdout


def test_every_command_of_the_contract_is_there() -> None:
    contract = (
        "ingest extract normalize search rules figures check checklist compare conflicts ask read table export verify"
    )
    assert {*contract.split(), "serve", "mcp", "keys", "doctor"} == set(COMMANDS)
    assert build_parser()


@pytest.mark.parametrize(
    "args",
    [
        [],
        ["nonsense"],
        ["search", "x", "--kb", "no-such-base"],
        ["search", "x", "--no-such-option"],
        ["rules", "--as-of", "yesterday"],
        ["rules", "--limit", "0"],
        ["ingest", "no-such-file.txt", "--kb", "unused-base"],
        ["extract", "no-such-file.txt"],
        ["check", "no-such-file.txt"],
        ["verify", "x", "--kb", "no-such-base"],
        ["serve", "--host", "0.0.0.0"],
        ["serve", "--port", "70000"],
        ["mcp", "--kb", "no-such-base"],
    ],
    ids=" ".join,
)
def test_what_cannot_be_done_is_said_with_status_2(args: list[str], tmp_path: Path) -> None:
    done = fadu(*args, cwd=tmp_path)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stderr or not args
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("command", ["extract", "read", "normalize"])
def test_a_refused_file_is_one_line_and_status_1(command: str, folder: Path) -> None:
    for name in ("empty.txt", "broken.pdf"):
        done = fadu(command, folder / name)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.count("\n") == 1
        assert name in done.stderr


def test_extract_prints_the_json_contract(folder: Path) -> None:
    found = json.loads(fadu("extract", folder / "办法.txt").stdout)
    assert found["schema"] == "fadu/1"
    bounds = {rule["value"]: rule for rule in found["rules"] if "value" in rule}
    assert {"60", "75"} <= set(bounds)
    for layer in ("quantities", "rules", "figures", "citations"):
        assert all(REGULATION[r["start"] : r["end"]] == r["quote"] for r in found[layer])
    assert "cues" not in bounds["60"]


def test_extract_explains_on_request(folder: Path) -> None:
    found = json.loads(fadu("extract", folder / "办法.txt", "--explain").stdout)
    assert any(rule.get("cues") for rule in found["rules"])
    assert all("confidence" in rule for rule in found["rules"])


def test_extract_reads_standard_input_and_writes_a_file(tmp_path: Path) -> None:
    done = fadu("extract", "-", "--format", "csv", "-o", tmp_path / "rules.csv", stdin=REGULATION.encode("gb18030"))
    assert (done.returncode, done.stdout) == (0, "")
    assert "60%" in (tmp_path / "rules.csv").read_text(encoding="utf-8-sig")
    lines = fadu("extract", "-", "--format", "jsonl", stdin=REGULATION.encode()).stdout.splitlines()
    assert {"document", "rules", "provisions"} <= {json.loads(line)["layer"] for line in lines}


def test_normalize_converts_and_maps_back() -> None:
    text = "參保人員在三級醫院住院，報銷比例為７０％。"
    assert fadu("normalize", stdin=text.encode()).stdout == "参保人员在三级医院住院，报销比例为70%。"
    found = json.loads(fadu("normalize", "-", "--to", "hant", "--format", "json", stdin="医保".encode()).stdout)
    assert found["text"] == "醫保"
    assert found["steps"]


def test_read_shows_what_was_read(folder: Path) -> None:
    shown = fadu("read", folder / "办法.txt").stdout
    assert "utf-8" in shown.lower()
    assert "coverage" in shown
    found = json.loads(fadu("read", folder / "办法.txt", "--format", "json").stdout)
    assert found["coverage"]["kept"] + found["coverage"]["dropped"] == len(REGULATION)


def test_a_process_speaks_utf8_in_any_locale(folder: Path) -> None:
    done = fadu_process("read", folder / "办法.txt", LC_ALL="C", PYTHONIOENCODING="ascii")
    assert done.returncode == 0, done.stderr
    assert "梅溪市" in done.stdout
    assert fadu_process("extract", folder / "empty.txt").returncode == 1
    assert fadu_process("extract", "no-such-file.txt").returncode == 2


def test_ingesting_again_changes_nothing(base: Path, folder: Path) -> None:
    done = fadu("ingest", folder / "办法.txt", "--kb", base, "--format", "json")
    assert done.returncode == 0
    assert len(json.loads(done.stdout)["unchanged"]) == 1


@pytest.mark.parametrize("query", ["三级医院报销比例是多少", "三級醫院報銷比例是多少"])
def test_search_answers_in_either_script(base: Path, query: str) -> None:
    found = json.loads(fadu("search", query, "--kb", base, "--format", "json").stdout)
    top = found["hits"][0]
    assert "60%" in top["quote"]
    assert REGULATION[top["start"] : top["end"]] == top["quote"]
    assert top["document"]["title"] == "梅溪市城乡居民基本医疗保险办法"
    assert "60%" in fadu("search", query, "--kb", base).stdout


def test_rules_in_every_form(base: Path, tmp_path: Path) -> None:
    assert "60%" in fadu("rules", "--kb", base).stdout
    rules = json.loads(fadu("rules", "--kb", base, "--kind", "percent", "--format", "json").stdout)["rules"]
    assert {rule["value"] for rule in rules} == {"60", "75"}
    assert all(rule["document"]["title"] for rule in rules)
    for form in ("csv", "xlsx", "parquet", "jsonl"):
        out = tmp_path / f"rules.{form}"
        assert fadu("rules", "--kb", base, "--format", form, "-o", out).returncode == 0
        assert out.stat().st_size > 0
    assert "no rules match" in fadu("rules", "--kb", base, "--region", "没有这个地方").stdout


def test_check_finds_what_breaks_a_rule(tmp_path: Path) -> None:
    regulation = CORPUS / "regulations" / "安澜市城乡居民基本医疗保险办法-2023.txt"
    done = fadu("check", REPORT, "--against", regulation, "--format", "json")
    assert done.returncode == 1, done.stderr
    findings = json.loads(done.stdout)["findings"]
    statuses = [finding["status"] for finding in findings]
    assert "violation" in statuses
    assert "inconsistent" in statuses
    violation = findings[statuses.index("violation")]
    text = REPORT.read_text(encoding="utf-8")
    figure = violation["figure"]
    assert text[figure["start"] : figure["end"]] == figure["quote"]
    assert violation["rule"]["document"]["title"]
    for form in ("text", "html", "xlsx"):
        out = tmp_path / f"check.{form}"
        assert fadu("check", REPORT, "--against", regulation, "--format", form, "-o", out).returncode == 1
    assert "<mark>" in (tmp_path / "check.html").read_text(encoding="utf-8")
    assert "VIOLATION" in (tmp_path / "check.text").read_text(encoding="utf-8")


def test_check_of_a_report_that_keeps_the_rules_is_status_0(tmp_path: Path) -> None:
    report = CORPUS / "reports" / "云岭省2023年失业保险基金运行报告.md"
    done = fadu("check", report, cwd=tmp_path)
    assert done.returncode == 0, done.stdout
    assert "no knowledge base" in done.stderr


def test_check_against_a_knowledge_base(base: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.txt"
    report.write_text("梅溪市2024年医疗保险报告\n\n2024年，居民在三级医院住院的报销比例为50%。\n", encoding="utf-8")
    done = fadu("check", report, "--kb", base, "--format", "json")
    assert done.returncode in (0, 1), done.stderr
    assert isinstance(json.loads(done.stdout)["findings"], list)


def test_check_that_cannot_be_done_is_status_2(folder: Path) -> None:
    assert fadu("check", folder / "empty.txt").returncode == 2
    assert fadu("check", REPORT, "--against", folder / "broken.pdf").returncode == 2
    assert fadu("check", REPORT, "--against", folder / "none.txt").returncode == 2


def test_verify_tells_quotes_from_inventions(base: Path) -> None:
    real = fadu("verify", "参保人员在三级医院住院的，报销比例为60%", "--kb", base)
    assert real.returncode == 0, real.stderr
    changed = fadu("verify", "参保人员在三级医院住院的，报销比例为65%", "--kb", base)
    assert changed.returncode == 1
    assert "65%" in changed.stdout


def test_verify_holds_the_numbers_of_other_words_against_the_base(base: Path) -> None:
    real = fadu("verify", "三级医院住院能报百分之六十，报销比例60%", "--numbers", "--kb", base)
    assert real.returncode == 0, real.stdout
    other = fadu("verify", "三级医院住院报销比例是70%", "--numbers", "--kb", base, "--format", "json")
    assert other.returncode == 1
    (number,) = json.loads(other.stdout)["numbers"]
    assert (number["match"], [place["quote"] for place in number["near"]]) == ("near", ["60%"])
    assert fadu("verify", "没有数字", "--numbers", "--kb", base).returncode == 1


def test_export_writes_every_table(base: Path, tmp_path: Path) -> None:
    assert fadu("export", "--kb", base, "-o", tmp_path / "all.xlsx").returncode == 0
    assert fadu("export", "--kb", base, "--format", "jsonl", "-o", tmp_path / "all").returncode == 0
    assert {path.stem for path in (tmp_path / "all").iterdir()} == set(NAMES)
    one = ("--table", "citations", "--format", "csv", "-o", tmp_path / "one")
    assert fadu("export", "--kb", base, *one).returncode == 0
    assert [path.name for path in (tmp_path / "one").iterdir()] == ["citations.csv"]
    assert "choose from documents, versions" in fadu("export", "--kb", base, "--table", "none").stderr


def test_an_answer_from_an_index_that_is_behind_says_so() -> None:
    from api.commands.search import _draw
    from kb.types import SearchResult

    said = _draw(SearchResult("住院", degraded=True), Screen(False, 100), explain=False, full=False)
    assert "being brought up to date" in said.splitlines()[0]
    assert "nothing found" in said


def test_doctor_finds_a_healthy_base_healthy(base: Path) -> None:
    done = fadu("doctor", "--kb", base)
    assert done.returncode == 0, done.stdout
    assert "0 problems" in done.stdout


def test_a_port_in_use_is_one_line_and_status_2(base: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        done = fadu("serve", "--kb", base, "--port", taken.getsockname()[1])
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1


def test_serve_answers_until_it_is_interrupted(base: Path) -> None:
    command = [sys.executable, "-m", "api.cli", "serve", "--kb", str(base), "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True, encoding="utf-8") as server:
        assert server.stderr is not None
        try:
            url = re.search(r"http://\S+", server.stderr.readline())
            assert url is not None
            assert httpx.get(f"{url[0]}/readyz", timeout=60).json()["documents"] == 1
        finally:
            server.send_signal(signal.SIGINT)
            server.stderr.read()
    assert server.returncode == 0


def test_a_reader_that_goes_away_is_no_error(base: Path) -> None:
    command = f"{sys.executable} -m api.cli rules --kb {base} --format json | head -c 10"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, cwd=ROOT, check=False)
    assert done.returncode == 0
    assert done.stderr == b""
