"""Why a file was refused and what to do, in Chinese: the reader's reasons by the words they are made of."""

from __future__ import annotations

from ingest.errors import FaduError

_REASONS: tuple[tuple[str, str], ...] = (
    ("files of type", "不支持这种文件；可上传 txt、md、html、pdf、ofd、docx、xlsx、csv、epub 或 zip"),
    ("is empty", "文件是空的，请换一份原件"),
    ("holds only blanks", "文件里只有空白，请换一份原件"),
    ("encrypted with a password", "文件有密码，请另存一份不加密的"),
    ("protected against copying", "文件禁止复制，请换一份未加保护的"),
    ("old Word document", "旧版 Word（.doc），请用 Word 或 WPS 另存为 .docx 或 .pdf"),
    ("old Excel workbook", "旧版 Excel（.xls），请用 Excel 或 WPS 另存为 .xlsx"),
    ("binary Excel workbook", "二进制 Excel（.xlsb），请另存为 .xlsx"),
    ("PowerPoint", "演示文稿，请另存为 .pdf"),
    ("RTF document", "RTF 文件，请用 Word 或 WPS 另存为 .docx"),
    ("OpenDocument", "OpenDocument 文件，请另存为 .docx、.xlsx 或 .pdf"),
    ("web archive", "网页存档（.mht），请用浏览器打开后另存为 .html"),
    ("CAJ document", "CAJ 文件，请用阅读器打开后另存为 .pdf"),
    ("PostScript", "PostScript 文件，请另存为 .pdf"),
    ("archive inside an archive", "压缩包里套着压缩包，请解开外层再上传"),
    ("no documents", "压缩包里没有可读的文件"),
    ("archive", "不支持这种压缩包，请解压后上传，或改为 zip"),
    ("is a program", "这是程序，不是文件；请上传文档"),
    ("sound or video", "这是音频或视频，请上传文字文档"),
    ("is a database", "这是数据库，请导出其中的文字"),
    ("it is a picture", "这是图片；请上传有文字层的 PDF，或请管理员安装文字识别（ocr）"),
    ("pictures without text", "页面是图片，没有文字层；请先做文字识别"),
    ("has no text", "文件里没有可选取的文字；扫描件请先做文字识别"),
    ("no text was recognised", "图片里没有认出文字，请换更清晰的扫描件"),
    ("seconds", "读取超时，请拆分文件或另存为文本"),
    ("absurd", "文件内有异常压缩的数据，未予打开"),
    ("no real document", "文件内有异常压缩的数据，未予打开"),
    ("truncated or damaged", "文件不完整或已损坏，请重新下载或复制原件"),
    ("damaged", "文件已损坏，请换一份原件"),
    ("is missing in it", "文件缺页，请重新下载原件"),
    ("more than", "文件过大，请拆分后再上传"),
    ("without content", "网页里没有正文，请在浏览器中重新保存"),
    ("cannot be recognised", "不是文字，或认不出编码；请换原件，或另存为 UTF-8 文本"),
    ("cannot be decoded", "有太多文字解不开，请另存为 UTF-8 文本"),
    ("free memory", "服务器资源不足，请稍后重试"),
    ("are waiting", "排队的文件太多，请稍后再试"),
    ("another process", "知识库正忙（另一处正在写入），请稍候再试"),
)


def said_in_chinese(error: FaduError) -> str:
    """What went wrong."""
    return refusal_in_chinese(str(error))


def refusal_in_chinese(reason: str) -> str:
    """The reason of a refusal and what to do about it; an unknown one as it is, behind words that say so.

    >>> refusal_in_chinese("it is encrypted with a password; save a copy without password")
    '文件有密码，请另存一份不加密的'
    """
    plain = reason.lower()
    return next((said for words, said in _REASONS if words.lower() in plain), f"无法读取（{reason}）")
