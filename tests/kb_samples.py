"""Small documents the tests of the knowledge base share; all written for them."""

from __future__ import annotations

from pathlib import Path

HEALTH = """安平市职工基本医疗保险办法

第一章 总则

第一条 为了保障职工的基本医疗需求，根据《中华人民共和国社会保险法》，制定本办法。

第二条 用人单位按照职工工资总额的8%缴纳基本医疗保险费，职工按照本人工资的2%缴纳。

第二章 待遇

第三条 住院起付标准以上的医疗费用，由统筹基金按照下列比例支付：
（一）三级医院80%；
（二）二级医院85%；
（三）一级医院90%。

第四条 在一个年度内，统筹基金最高支付限额为400000元。

参保人员因急诊在非定点医疗机构住院的，应当自入院之日起5个工作日内备案。

第五条 定点医疗机构不得分解住院。

第六条 本办法自2022年1月1日起施行。
"""

HEALTH_AMENDED = HEALTH.replace("三级医院80%", "三级医院82%").replace("2022年1月1日", "2024年7月1日")

TAIWAN = """就業安定保險法

第 一 章 總則

第1條
為安定勞工就業，制定本法。
本法所稱主管機關：在中央為勞動部；在直轄市為直轄市政府。

第 二 章 給付

第2條
失業給付按申請人離職前六個月平均月投保薪資百分之六十按月發給。
受領失業給付期間，最長以六個月為限。

第3條
有下列情形之一者，應停止發給：
一、已再就業。
二、拒絕參加職業訓練。
"""

REPORT = """安平市2023年医疗保障工作总结

一、基金运行情况
全市职工医保参保人数达12.5万人，参保率为98.6%。统筹基金收入3.2亿元，支出2.9亿元。

二、存在的问题
个别定点零售药店的中成药加价率达到46.75%，超过规定。
"""

DECISION = """国务院关于建立城镇职工基本医疗保险制度的决定

国发〔1998〕44号

第一条 城镇所有用人单位都要参加基本医疗保险。

第二条 基本医疗保险费由用人单位和职工共同缴纳。
"""

DOCUMENTS = {"职工医保办法.txt": HEALTH, "就業安定保險法.txt": TAIWAN, "工作总结.txt": REPORT}


def write_documents(folder: Path) -> Path:
    """The documents as UTF-8 files in a new folder below `folder`."""
    place = folder / "documents"
    place.mkdir()
    for name, text in DOCUMENTS.items():
        (place / name).write_text(text, encoding="utf-8")
    return place
