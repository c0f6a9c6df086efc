"""Documents inside ZIP archives: named, listed, read and ingested one by one."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from documents import make_docx, make_zip, paragraph

from ingest.errors import ReadError
from ingest.readers import exists, find_files, members, read, sha256_of
from kb import KnowledgeBase

RULES = "平江市基本医疗保险办法\n\n第一条 三级医院报销比例为70%。\n第二条 本办法自2024年1月1日起施行。\n"
MEMBERS = {
    "文件/办法.txt": RULES.encode("gb18030"),
    "b.docx": make_docx(paragraph("第一条 内容在这里写明。")),
    "文件/图.png": b"\x89PNG\r\n",
    "__MACOSX/._b.docx": b"x",
    ".hidden/c.txt": b"x",
    "空/": b"",
}


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "汇编.zip"
    path.write_bytes(make_zip(MEMBERS))
    return path


def test_documents_of_an_archive_are_listed_and_read(archive: Path) -> None:
    found = find_files([archive.parent])
    assert [str(path.relative_to(archive.parent)) for path in found] == ["汇编.zip!/b.docx", "汇编.zip!/文件/办法.txt"]
    assert find_files([archive, found[0]]) == found
    source = read(found[1])
    assert (source.text, source.name, source.format) == (RULES, f"{archive}!/文件/办法.txt", "txt")
    assert sha256_of(found[1]) == source.sha256
    assert read(str(found[0])).format == "docx"


def test_names_without_a_mark_are_in_the_encoding_of_their_maker(tmp_path: Path) -> None:
    for encoding, names in (("gb18030", ["医疗保险办法.txt", "附件.txt"]), ("big5", ["勞工保險條例.txt"])):
        data = make_zip({("x" * len(name.encode(encoding))): "第一条 内容。" for name in names})
        for name in names:
            data = data.replace(b"x" * len(name.encode(encoding)), name.encode(encoding))
        (tmp_path / "a.zip").write_bytes(data)
        assert sorted(path.name for path in find_files([tmp_path / "a.zip"])) == sorted(names)
        assert read(tmp_path / "a.zip!" / names[0]).text == "第一条 内容。"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (make_zip({"../a.txt": "文"}), "ZIP archive, not one document"),
        (make_zip({"a.exe": "文"}), "ZIP archive, not one document"),
        (make_zip(MEMBERS)[:200], "truncated or damaged"),
        (b"PK\3\4" + b"x" * 100, "truncated or damaged"),
    ],
)
def test_archives_without_documents_stand_for_themselves(data: bytes, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(data)
    assert find_files([path]) == [path]
    with pytest.raises(ReadError, match=reason):
        read(path)


def test_members_that_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(make_zip({"inner.zip": make_zip({"a.txt": "文"}), "办法.txt": RULES, "../x.txt": "文"}))
    with pytest.raises(ReadError, match="names of its members point outside of it"):
        read(tmp_path / "a.zip!/办法.txt")
    path.write_bytes(make_zip({"inner.zip": make_zip({"a.txt": "文"}), "办法.txt": RULES}))
    assert [found.name for found in find_files([path])] == ["inner.zip", "办法.txt"]
    with pytest.raises(ReadError, match="an archive inside an archive; unpack the outer one"):
        read(tmp_path / "a.zip!/inner.zip")
    with pytest.raises(ReadError, match="holds no such document"):
        read(tmp_path / "a.zip!/none.txt")
    monkeypatch.setattr("ingest.readers.MAX_FILE_BYTES", 10)
    with pytest.raises(ReadError, match="more than the"):
        read(tmp_path / "a.zip!/办法.txt")
    monkeypatch.setattr(members, "MAX_UNPACKED_BYTES", 10)
    with pytest.raises(ReadError, match="it unpacks to"):
        read(tmp_path / "a.zip!/办法.txt")


def test_other_packing_methods_are_refused(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_BZIP2) as file:
        file.writestr("a.txt", RULES)
    (tmp_path / "a.zip").write_bytes(out.getvalue())
    with pytest.raises(ReadError, match="packed in an unusual way"):
        read(tmp_path / "a.zip!/a.txt")


def test_a_document_named_zip_is_one_document(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(MEMBERS["b.docx"])
    assert find_files([path]) == [path]
    assert read(path).text == "第一条 内容在这里写明。\n"


def test_paths_that_only_look_like_members(tmp_path: Path) -> None:
    folder = tmp_path / "通知!"
    folder.mkdir()
    (folder / "a.txt").write_text(RULES, encoding="utf-8")
    (folder / "b.zip").write_bytes(make_zip(MEMBERS))
    assert read(folder / "a.txt").text == RULES
    assert read(folder / "b.zip!/文件/办法.txt").text == RULES
    assert not exists(tmp_path / "none.zip!/a.txt")
    with pytest.raises(ReadError, match="No such file"):
        read(tmp_path / "none.zip!/a.txt")


def test_archives_are_ingested_document_by_document(archive: Path, tmp_path: Path) -> None:
    with KnowledgeBase.open(tmp_path / "kb", create=True, write=True) as kb:
        report = kb.ingest([archive])
        assert [Path(source).name for source in report.added] == ["b.docx", "办法.txt"]
        assert len(kb.ingest([archive]).unchanged) == 2
        archive.write_bytes(make_zip({**MEMBERS, "文件/办法.txt": RULES.replace("70%", "75%").encode("gb18030")}))
        report = kb.ingest([archive.parent])
        assert [Path(source).name for source in report.replaced] == ["办法.txt"]
        (row,) = [row for row in kb.documents() if row.title and "平江市" in row.title]
        assert row.source == f"{archive}!/文件/办法.txt"
