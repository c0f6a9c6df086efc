"""The examples in the READMEs do what they say, one after the other, in a folder of their own."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
CONSOLE = re.compile(r"```console\n(.*?)```", re.S)
PYTHON = re.compile(r"```python\n(.*?)```", re.S)
FADU = "import sys; from api.cli import main; sys.exit(main())"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the corpus, as a newcomer's checkout has it."""
    folder = tmp_path_factory.mktemp("newcomer")
    shutil.copytree(ROOT / "corpus", folder / "corpus")
    return folder


def _run(arguments: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    return subprocess.run(arguments, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", ["README.md", "README.zh.md"])
def test_console_examples(name: str, folder: Path) -> None:
    """Every `$ fadu …` line ends with the status its comment names, 0 without one, and prints something."""
    lines = [
        line[2:]
        for block in CONSOLE.findall((ROOT / name).read_text("utf-8"))
        for line in block.splitlines()
        if line.startswith("$ ")
    ]
    assert lines
    for line in lines:
        command, _, comment = line.partition("  # exit ")
        words = shlex.split(command)
        assert words[0] == "fadu"
        done = _run([sys.executable, "-c", FADU, *words[1:]], folder)
        assert done.returncode == int(comment or 0), f"{line}\n{done.stdout}\n{done.stderr}"
        assert done.stdout.strip()


def test_python_examples(folder: Path) -> None:
    """Every Python block runs as it stands."""
    blocks = PYTHON.findall((ROOT / "README.md").read_text("utf-8"))
    assert blocks
    for block in blocks:
        done = _run([sys.executable, "-c", block], folder)
        assert done.returncode == 0, done.stderr
        assert done.stdout.strip()
