"""How long a check takes: a report of 10,000 figures against 10,000 rules, both read from generated text.

    python benchmarks/check_scale.py [--figures N] [--rules N]

Reading is not counted. The texts vary scheme, level of hospital, service, region and year, so that every rule is one a
figure might meet: 14 kinds of bounds, 6 schemes, 4 levels, 100 documents, half of them of the report's own city.
"""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter

from ingest import extract
from ingest.records import Extraction
from kb.check import check_report, rules_from_extractions

SCHEMES = ("职工基本医疗保险", "城乡居民基本医疗保险", "新型农村合作医疗", "失业保险", "工伤保险", "生育保险")
LEVELS = ("一级医院", "二级医院", "三级医院", "乡镇卫生院")
RATIOS = ("住院报销比例", "门诊报销比例", "参保率", "征缴率", "当年结余率", "累计结余率", "个人自付比例", "满意度")
AMOUNTS = ("起付标准", "最高支付限额", "个人缴费标准", "财政补助标准", "次均费用")
PLACES = "东西南北江山河海"


def a_report(rng: random.Random, figures: int) -> Extraction:
    """A report that states `figures` numbers, about half of them rates."""
    lines = ["望川市社会保险工作情况报告", "现将有关情况报告如下："]
    for number in range(figures):
        scheme, level = rng.choice(SCHEMES), rng.choice(LEVELS)
        if number % 7 == 6:
            lines.append(f"2023年，{scheme}待遇申请平均{rng.randint(5, 40)}个工作日办结。")
        elif number % 2:
            lines.append(f"2023年，全市{scheme}{level}{rng.choice(RATIOS)}为{rng.randint(100, 990) / 10}%。")
        else:
            lines.append(f"2023年，全市{scheme}{level}{rng.choice(AMOUNTS)}为{rng.randint(100, 9000)}元。")
    return extract("\n".join(lines))


def a_regulation(rng: random.Random, number: int, rules: int) -> Extraction:
    """A regulation of `rules` articles with one bound each."""
    place = "望川市" if number % 2 else rng.choice(PLACES) + rng.choice(PLACES) + "市"
    lines = [f"{place}社会保险若干规定（{number}）", "第一条 为了规范管理，制定本规定。"]
    for article in range(2, rules + 2):
        scheme, level = rng.choice(SCHEMES), rng.choice(LEVELS)
        word = rng.choice(("不得低于", "不得超过"))
        if article % 7 == 6:
            bound = f"{scheme}经办机构应当自收到待遇申请之日起{rng.randint(5, 60)}个工作日内办结"
        elif article % 2:
            bound = f"{scheme}{level}{rng.choice(RATIOS)}{word}{rng.randint(10, 99)}%"
        else:
            bound = f"{scheme}{level}{rng.choice(AMOUNTS)}{word}{rng.randint(1, 90) * 100}元"
        lines.append(f"第{article}条 {bound}。")
    return extract("\n".join(lines), "regulation")


def main() -> None:
    """Prints sizes, seconds and the findings by status."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--figures", type=int, default=10_000)
    parser.add_argument("--rules", type=int, default=10_000)
    args = parser.parse_args()
    rng = random.Random(1)
    report = a_report(rng, args.figures)
    rules = rules_from_extractions(a_regulation(rng, n, args.rules // 100) for n in range(100))
    started, used = time.perf_counter(), time.process_time()
    findings = check_report(report, rules)
    wall, processor = time.perf_counter() - started, time.process_time() - used
    counts = Counter(finding.status for finding in findings)
    print(f"{len(report.figures):,} figures × {len(rules):,} rules: {wall:.2f} s ({processor:.2f} s of processor time)")
    print(f"{len(findings):,} findings: {dict(counts)}")


if __name__ == "__main__":
    main()
