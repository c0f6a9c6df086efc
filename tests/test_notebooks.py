"""The notebooks run from first to last cell in a real kernel, and show what they say they show."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).parent.parent
NOTEBOOKS = ROOT / "notebooks"

# What each must show, as committed and when it is run: facts of the documents, not of the day.
FACTS = {
    "read-and-mark-up": [
        "25% = 25%",
        "保险费率 ← 保險費率",
        "('65%', 'reimbursement_ratio')",
        "stricter          30% → 25%",
        "<mark",
        "累计结余率",
    ],
    "compare-payout-ratios": [
        "统筹基金支付比例不低于下列标准：（三）三级医院65%。〔1〕",
        "知识库中没有相关规定",
        "三级医院",
        "<svg",
        "报销比例（按文件和机构级别）",
    ],
    "check-reports": [
        "+13.46",  # the surplus against its limit
        "10 documents, 0 refused",
        "核查结果（按指标）",
        "no scripts: True",
    ],
}


def shown(notebook: Any) -> str:
    """Everything a notebook shows, as text."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return "\n".join(o.get("text", "") + "".join(map(str, o.get("data", {}).values())) for o in outputs)


def test_every_notebook_is_tested() -> None:
    assert {path.stem for path in NOTEBOOKS.glob("*.ipynb")} == set(FACTS)


@pytest.mark.parametrize("name", FACTS)
def test_it_is_committed_with_its_outputs_and_without_errors(name: str) -> None:
    committed = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
    code = [cell for cell in committed.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in code)
    assert not [o for cell in code for o in cell.outputs if o.output_type == "error"]
    assert str(ROOT) not in nbformat.writes(committed)
    assert [fact for fact in FACTS[name] if fact not in shown(committed)] == []


@pytest.mark.parametrize("name", FACTS)
def test_it_runs_and_shows_the_same_facts(name: str) -> None:
    notebook = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
    places = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)
    where = {"metadata": {"path": str(NOTEBOOKS)}}
    client = NotebookClient(notebook, timeout=300, kernel_name="python3", coalesce_streams=True, resources=where)
    client.execute(env={**os.environ, "PYTHONPATH": places})
    assert [fact for fact in FACTS[name] if fact not in shown(notebook)] == []
