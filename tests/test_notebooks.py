"""The notebooks run from first to last cell in a real kernel, and show what they say they show."""

from __future__ import annotations

import os
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).parent.parent
NOTEBOOKS = ROOT / "notebooks"


def shown(notebook):
    """Everything a notebook shows, as text: one string a cell."""
    cells = []
    for cell in notebook.cells:
        outputs = cell.get("outputs", [])
        texts = [o.get("text", "") + "".join(map(str, o.get("data", {}).values())) for o in outputs]
        cells.append("\n".join(texts))
    return cells


@pytest.fixture(scope="module")
def committed():
    return nbformat.read(NOTEBOOKS / "walkthrough.ipynb", as_version=4)


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    notebook = nbformat.read(NOTEBOOKS / "walkthrough.ipynb", as_version=4)
    places = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)
    client = NotebookClient(
        notebook,
        timeout=300,
        kernel_name="python3",
        coalesce_streams=True,
        resources={"metadata": {"path": str(NOTEBOOKS)}},
    )
    client.execute(env={**os.environ, "PYTHONPATH": places, "MPLCONFIGDIR": str(tmp_path_factory.mktemp("mpl"))})
    return notebook


def test_it_is_committed_with_its_outputs_and_without_errors(committed):
    code = [cell for cell in committed.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in code)
    assert not [o for cell in code for o in cell.outputs if o.output_type == "error"]
    assert str(ROOT) not in nbformat.writes(committed)


@pytest.mark.parametrize("which", ["committed", "executed"])
def test_it_shows_the_facts(which, request):
    cells = shown(request.getfixturevalue(which))
    everything = "\n".join(cells)
    assert "25% = 25%" in everything
    assert "('65%', 'reimbursement_ratio')" in everything
    assert "安澜市 2023 [90.0, 80.0, 65.0]" in everything
    assert "统筹基金支付比例不低于下列标准：（三）三级医院65%。〔1〕" in everything
    assert "知识库中没有相关规定" in everything
    assert "+13.46" in everything  # the surplus against its limit
    assert "stricter          30% → 25%" in everything


@pytest.mark.parametrize("which", ["committed", "executed"])
def test_it_draws_highlights_and_a_chart(which, request):
    notebook = request.getfixturevalue(which)
    kinds = [kind for cell in notebook.cells for o in cell.get("outputs", []) for kind in o.get("data", {})]
    assert "image/png" in kinds
    highlights = next(text for text in shown(notebook) if "<mark" in text)
    assert "累计结余率" in highlights
