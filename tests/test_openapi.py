"""Every operation of the OpenAPI documents, called with generated requests: no 5xx, nothing that is not documented.

`FADU_EXAMPLES=100` generates as many requests for each operation as a release is tested with.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from serving import REGULATION, serving, upload

CHECKS = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance"


@pytest.mark.parametrize("document", ["/openapi.json", "/tools/openapi.json"])
def test_every_operation_keeps_to_its_description(tmp_path: Path, document: str) -> None:
    command = [str(Path(sys.executable).with_name("schemathesis")), "run", "--no-color", "--checks", CHECKS]
    command += ["--seed", "7", "--max-examples", os.environ.get("FADU_EXAMPLES", "2"), "--phases", "examples,fuzzing"]
    command += ["--request-timeout", "60", "--continue-on-failure", "--generation-database", "none"]
    with serving(tmp_path / "kb") as client:
        assert upload(client, "办法.txt", REGULATION.encode()).status_code == 201
        address = f"{str(client.base_url).rstrip('/')}{document}"
        done = subprocess.run([*command, address], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
