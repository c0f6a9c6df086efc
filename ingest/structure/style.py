"""Which legal tradition wrote a document: the PRC counts 条-款-项-目, Taiwan 条-项-款-目."""

from __future__ import annotations

_TAIWAN = ("前项", "前二项", "前条第一项", "下列各款", "各款", "中华民国", "直辖市政府", "主管机关")
_MAINLAND = ("前款", "前两款", "人民政府", "中华人民共和国", "国务院", "行政部门", "有关部门", "经办机构")


def is_taiwan(n: str) -> bool:
    """True when the words of the law's own grammar are Taiwan's.

    Args:
        n: normalized text of a document or a part; the first 200,000 code points decide.

    >>> is_taiwan("前项第一款所定主管机关"), is_taiwan("前款所列单位，由县级以上人民政府责令改正")
    (True, False)
    """
    head = n[:200_000]
    return sum(map(head.count, _TAIWAN)) > sum(map(head.count, _MAINLAND))
