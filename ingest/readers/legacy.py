"""Old and foreign office formats, through the converters that are installed: LibreOffice, else antiword or catdoc.

Without one of them `sniff` claims nothing and the file is refused with advice. Converters run in the reading process's
limits, LibreOffice with a profile of its own in a temporary folder, macros, updates of links and the network off.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import os
import shutil
import signal
from pathlib import Path, PurePath

from ingest.errors import ReadError
from ingest.messages import say
from ingest.readers import docx, xlsx
from ingest.readers.archive import member_names
from ingest.readers.layout import TextBuilder
from ingest.readers.refusals import refusal_of
from ingest.source import Source

OFFICE_SECONDS = 45
"""Time LibreOffice may take: it starts in 2 to 10 s."""

TOOL_SECONDS = 5
"""Time antiword or catdoc may take: they need some 10 ms."""

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_WORD = "WordDocument".encode("utf-16-le")
_EXCEL = ("Workbook".encode("utf-16-le"), "Book\0".encode("utf-16-le"))
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_CONVERTED = frozenset({"old_word", "old_excel", "rtf", "open_document"})
"""Codes of refusals of what a converter could have read."""
_TARGETS = {"doc": "docx", "rtf": "docx", "odt": "docx", "xls": "xlsx", "ods": "xlsx"}
_OFFICE = ("soffice", "libreoffice")
_TOOLS = (("antiword", "-m", "UTF-8.txt", "-w", "0"), ("catdoc", "-d", "utf-8", "-w"))

_PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="MacroSecurityLevel" oor:op="fuse">
<value>3</value></prop><prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop>
<prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Writer/Content/Update"><prop oor:name="Link" oor:op="fuse"><value>0</value>
</prop></item><item oor:path="/org.openoffice.Office.Calc/Content/Update"><prop oor:name="Link" oor:op="fuse">
<value>2</value></prop></item><item oor:path="/org.openoffice.Inet/Settings">
<prop oor:name="ooInetProxyType" oor:op="fuse"><value>2</value></prop>
<prop oor:name="ooInetHTTPProxyName" oor:op="fuse"><value>127.0.0.1</value></prop>
<prop oor:name="ooInetHTTPProxyPort" oor:op="fuse"><value>9</value></prop>
<prop oor:name="ooInetHTTPSProxyName" oor:op="fuse"><value>127.0.0.1</value></prop>
<prop oor:name="ooInetHTTPSProxyPort" oor:op="fuse"><value>9</value></prop></item>
</oor:items>
"""
"""LibreOffice's settings: nothing in a document runs, and what it links to is asked of a proxy that is not there."""


def sniff(data: bytes, suffix: str) -> bool:
    """A format some converter that is installed can read."""
    kind = _kind_of(data)
    return kind is not None and bool(_office() or (kind == "doc" and any(shutil.which(tool[0]) for tool in _TOOLS)))


def read(data: bytes, name: str) -> Source:
    """Convert a document and read the result.

    Args:
        data: the whole file.
        name: path or label; its suffix may name the format more exactly than the content (`.wps`, `.et`).

    Raises:
        ReadError: encrypted, or no converter could read it.
    """
    import tempfile

    kind = _kind_of(data) or ""
    with tempfile.TemporaryDirectory(prefix="fadu-") as folder:
        file = Path(folder, f"document.{kind}")
        file.write_bytes(data)
        source = _by_office(file, kind, name) or (_by_text(file, data, name) if kind == "doc" else None)
    if source is None:
        refusal = refusal_of(data)
        code = refusal.code if refusal is not None and refusal.code in _CONVERTED else "office"
        raise ReadError(name, say(f"{code}_unconverted"))
    suffix = PurePath(name).suffix.lower()[1:]
    form = suffix if (suffix, kind) in {("wps", "doc"), ("et", "xls")} else kind
    return dataclasses.replace(source, name=name, sha256=hashlib.sha256(data).hexdigest(), format=form)


def _kind_of(data: bytes) -> str | None:
    if data.startswith(b"{\\rtf"):
        return "rtf"
    if data.startswith(_OLE) and _ENCRYPTED not in data:
        if _WORD in data:
            return "doc"
        return "xls" if any(stream in data for stream in _EXCEL) else None
    if data.startswith(b"PK") and "content.xml" in (members := member_names(data)) and "mimetype" in members:
        return "ods" if b"opendocument.spreadsheet" in data[:200] else "odt"
    return None


def _by_office(file: Path, kind: str, name: str) -> Source | None:
    office = _office()
    if office is None:
        return None
    profile = file.parent / "profile"
    settings = profile / "user" / "registrymodifications.xcu"
    settings.parent.mkdir(parents=True)
    settings.write_text(_PROFILE, encoding="utf-8")
    target = _TARGETS[kind]
    command = [office, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--norestore", "--convert-to", target]
    if _run([*command, "--outdir", str(file.parent), str(file)], OFFICE_SECONDS) is None:
        return None
    converted = file.with_suffix(f".{target}")
    if not converted.exists():
        return None
    read_converted = docx.read if target == "docx" else xlsx.read
    source = read_converted(converted.read_bytes(), name)
    warning = f"converted from {kind} by LibreOffice"
    return dataclasses.replace(source, warnings=(warning, *source.warnings))


def _by_text(file: Path, data: bytes, name: str) -> Source | None:
    """Text only, with the cells of tables as the tool draws them."""
    for command in _TOOLS:
        tool = shutil.which(command[0])
        output = _run([tool, *command[1:], str(file)], TOOL_SECONDS) if tool else None
        text = output.decode("utf-8", "replace").strip("\n") if output else ""
        if text.strip():
            builder = TextBuilder()
            for line in text.splitlines():
                builder.add_block(line.rstrip())
            warning = f"converted from doc by {command[0]}, without the structure of tables"
            return builder.source(name, data, "doc", warnings=[warning])
    return None


def _run(command: list[str], seconds: float) -> bytes | None:
    """A converter's output, None when it fails or takes too long; it ends with all processes it started."""
    import subprocess

    try:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, process_group=0
        )
    except OSError:
        return None
    with process:
        try:
            output = process.communicate(timeout=seconds)[0]
        except subprocess.TimeoutExpired:
            output = b""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    return output if process.returncode == 0 else None


def _office() -> str | None:
    return next(filter(None, map(shutil.which, _OFFICE)), None)
