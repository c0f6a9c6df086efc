"""Web pages."""

from __future__ import annotations

import pytest
from documents import check_spans, kept_text, read_or_none, rows_of

from ingest.readers import read

PAGE = """<!DOCTYPE html><html><head><meta charset="gb2312"><title>关于调整门诊待遇的通知_某市</title>
<meta name="PubDate" content="2023-05-06"><style>p {}</style><script>var x = "隐";</script></head><body>
<div class="nav"><ul><li><a href="/">首页</a></li><li><a href="/a">政务公开</a></li></ul></div>
<div class="crumbs">当前位置：<a href="/">首页</a> &gt; <a href="/x">文件</a></div>
<table><tr><td>索 引 号：</td><td>000014349/2023-00012</td><td>主题分类：</td><td>医药管理</td></tr>
<tr><td>标　　题：</td><td colspan="3">关于调整门诊待遇的通知</td></tr>
<tr><td>发文字号：</td><td>某医保发〔2023〕12号</td><td>成文日期：</td><td>2023年04月28日</td></tr></table>
<h1>关于调整门诊待遇的通知</h1><div class="info">来源：某市医保局 浏览次数：123 <a href="#">打印</a></div>
<div id="content"><p>　　在三级医院就医的，支付比例为60%；在二级医院就医的，支付
比例为70%。</p><table><tr><th rowspan="2">级别</th><th colspan="2">支付比例</th></tr>
<tr><th>在职</th><th>退休</th></tr><tr><td>三级</td><td>60%</td><td>65%</td></tr></table>
<ol><li>逐级转诊；</li><li>一次<b>结算</b>。</li></ol><p style="display: none">垃圾</p>
<p>　　本通知自2023年6月1日起执行。<br>某市医保局</p></div>
<div class="related"><a href="1">关于做好参保工作的通知</a><a href="2">关于定点机构名单的公告</a></div>
<div class="ad"><a href="3">广告</a></div><div class="footer"><p>主办：某市政府办</p></div></body></html>"""


def test_html_page() -> None:
    source = check_spans(read(PAGE.encode("gb18030"), name="a.html"))
    assert source.encoding == "gb18030"
    assert kept_text(source).split("\n") == [
        *[""] * (kept_text(source).split("\n").index("关于调整门诊待遇的通知")),
        "关于调整门诊待遇的通知",
        "",
        "　　在三级医院就医的，支付比例为60%；在二级医院就医的，支付比例为70%。",
        "级别\t支付比例\t",
        "\t在职\t退休",
        "三级\t60%\t65%",
        "1. 逐级转诊；",
        "2. 一次结算。",
        "　　本通知自2023年6月1日起执行。",
        "某市医保局",
        *[""] * len(kept_text(source).split("某市医保局\n")[1].split("\n")),
    ]
    assert source.metadata == {
        "title": "关于调整门诊待遇的通知_某市",
        "PubDate": "2023-05-06",
        "索引号": "000014349/2023-00012",
        "主题分类": "医药管理",
        "标题": "关于调整门诊待遇的通知",
        "发文字号": "某医保发〔2023〕12号",
        "成文日期": "2023年04月28日",
    }
    dropped = {source.text[span.start : span.end]: span.reason for span in source.dropped}
    assert dropped["来源：某市医保局 浏览次数：123 打印"] == "posting data"
    assert dropped["关于做好参保工作的通知关于定点机构名单的公告"] == "links"
    assert dropped["广告"] == "advert"
    assert dropped["主办：某市政府办"] == "navigation"
    assert {"navigation", "posting data"} <= set(dropped.values())
    assert "垃圾" not in source.text
    assert "隐" not in source.text
    assert source.warnings == ("2 characters the page hides were left out",)
    assert rows_of(source, 1) == [["级别", "支付比例", "支付比例"], ["级别", "在职", "退休"], ["三级", "60%", "65%"]]


def test_html_metadata_list() -> None:
    fields = "<li>索引号：A-1</li><li>发文字号：某政发〔2020〕3号</li>"
    page = f"<html><ul>{fields}</ul><p>第一条 内容完整的一句话写在这里。</p>"
    source = check_spans(read(page.encode(), name="a.html"))
    assert source.metadata == {"索引号": "A-1", "发文字号": "某政发〔2020〕3号"}
    assert [span.reason for span in source.dropped] == ["posting data"]


def test_html_without_body_text_keeps_everything_rather_than_nothing() -> None:
    source = read("<html><nav>首页</nav></html>".encode(), name="a.html")
    assert (source.text, source.dropped) == ("首页\n", ())


def test_html_layout_table_and_preformatted_lines() -> None:
    page = "<html><table><tr><td><table><tr><td>甲<td>乙</table><td>丙</table><pre>第一行\n  第二行</pre>"
    source = check_spans(read(page.encode(), name="a.html"))
    assert source.text == "甲\t乙\n丙\n第一行\n  第二行\n"


def test_html_declared_charset_that_lies() -> None:
    page = '<html><meta charset="utf-8"><p>参保单位每年三月底前申报职工人数，逾期按上年人数核定。'.encode("gbk")
    assert read(page, name="a.html").text.startswith("参保单位")


@pytest.mark.parametrize(
    "markup", ["<p>", "<a href=x>", "<ol><li>", "<td>", "<!--", "<", "<table><tr><td colspan=9999>"]
)
def test_hostile_html_is_read_or_refused(markup: str) -> None:
    source = read_or_none(f"<html><body>第一条{markup * 3000}内容</body></html>".encode(), "a.html")
    assert source is None or "第一条" in source.text


def test_html_title_and_signature_are_never_furniture() -> None:
    body = "".join(f"<p>第{word}条 各区应当在三月底前完成核对，并报市级主管部门备案。</p>" for word in "一二三四五六")
    page = (
        "<html><title>某市核对办法_某市政府</title><div><a>首页</a> <a>要闻</a></div><div><b>某市核对办法</b></div>"
        f"<div>{body}<p>某市人民政府</p><p>2023年4月28日</p></div><div>承办：某市政务中心</div></html>"
    )
    source = check_spans(read(page.encode(), name="a.html"))
    dropped = [source.text[span.start : span.end] for span in source.dropped]
    assert not {"某市核对办法", "某市人民政府", "2023年4月28日"} & set("\n".join(dropped).split("\n"))
    assert "首页 要闻" in dropped
