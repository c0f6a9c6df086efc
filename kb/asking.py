"""What kind of thing a question asks for, in what unit, and which of its words the answer must speak of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from ingest.structure.ordinals import ordinal_from_text
from kb.words import Word

DURATIONS = frozenset({"day", "workday", "hour", "week", "month", "year"})
_UNITS = (
    (re.compile(r"(?:多少|几)(?:个)?(?:工作日|天|日)"), ("day", "workday", "hour")),
    (re.compile(r"(?:多少|几)个?(?:周(?!岁)|星期|礼拜)"), ("week", "day", "month")),
    (re.compile(r"多少个?月|几个月"), ("month", "day", "year")),
    (re.compile(r"(?:多少|几)(?:年|岁|周岁)"), ("year", "month")),
    (re.compile(r"(?:多少|几)个?小时"), ("hour",)),
    (re.compile(r"(?:多少|几)万?(?:元|块|块钱)"), ("CNY", "TWD")),
    (re.compile(r"多久|多长时间"), ("day", "workday", "hour", "month", "year")),
    (re.compile(r"(?:多少|几)倍"), ("times",)),
    (re.compile(r"百分之(?:多少|几)|比例|比率|百分比|几成"), ("%", "‰", "per_ten_thousand")),
    (re.compile(r"几个百分点|多少个百分点"), ("pp",)),
)
"""What a question asks a number in, and the units of quantities that answer it."""
TIMELESS = "any but times"
"""Stands for every unit but those of time: 缴多少 is not answered by 5日."""
_COUNTED = re.compile(r"(?:多少|几)(人次|人|次|家|户|种|项|所|件|名)")
_MARKED = re.compile(r"(?:多少|几)个?(工作日|天|日|月|年|小时|元|倍|人次|人|次|家)")
_ALSO = {"人": ("人次", "名"), "名": ("人",), "家": ("所",)}
_HOW_MUCH = re.compile(r"多少(?!个|周?岁)|多高|几成")
_OF_TIME = re.compile(r"期限|时限|时间|年限|年龄|周岁|天数|月数|期(?:是|为|最|有)|几(?:[天年日]|个月)|多[久长]")
COUNT = (
    r"(?:第?几|多少)(?:万?(?:个|平方)?"
    r"(?:工作日|百分点|月|天|日|年|小时|元|块|倍|次|岁|周岁|成|种|米|人|家|所|级|类)?钱?)?"
)
"""How a question asks for a number of something."""
AMOUNT = re.compile(rf"{COUNT}|百分之几|多[久长高大]时?间?|怎么算|如何计算|怎样计算")
_BARE_AMOUNT = re.compile(r"上限|下限|最[长多高大少]|最低(?!工资|生活)|标准|比例|率|期限|限额|额度|金额")
_HOW = re.compile(r"怎么办?|如何|怎样")
_WHETHER = re.compile(r"吗|能不能|可不可以|是否|是不是|有没有|算不算|会不会|要不要|用不用|行不行|得不得")
_MODAL = re.compile(
    r"能不能|可不可以|是否|是不是|有没有|算不算|会不会|要不要|用不用|能够|可以|能|会|算|还|给|必须|要|有"
)
_WHO = re.compile(r"由?谁来?|(?:由|归)?(?:哪个|哪些|什么|哪家|哪一个)(?:部门|单位|机构|机关|人|方面)")
_WHEN = re.compile(r"什么时候|啥时候|何时|几号|哪天|哪一天|几月(?:底|份|初|几号)?|哪年|哪一年|什么时间|什么日子")
_WHERE = re.compile(r"哪里|哪儿|在哪|去哪|到哪|何处|什么地方|(?:哪个|哪些|什么)(?:窗口|地方|银行|网站|平台|地址)")
_PAPERS = re.compile(
    r"(?:什么|哪些|哪几样|啥)(?:申请|证明)?(?:材料|证件|手续|资料|东西|证明)|带(?:什么|哪些|啥)|材料清单|所需材料"
)
_WHY = re.compile(r"为什么|为何|什么原因|原因是|怎么会")
_SANCTION = re.compile(r"后果|怎么处理|如何处理|怎么处罚|如何处罚|什么处罚|怎么罚|怎样处罚|什么责任")
_NAMED = re.compile(r"(?:哪个|哪种|哪家|什么|啥)")
_CLAUSE = re.compile(r"[^,，。.;；!！?？\n]+")
_HANDS_IN = re.compile(r"(?:提交|提供|出具|携带|凭|持)[^，,。；;]{0,24}(?:材料|证明|证件|证|书|表|单|凭证|文件|资料)")
_TAKES_PLACE = re.compile(
    r"(?:机构|机关|中心|部门|窗口|局|所|银行|平台|处|委员会|法院|政府|户籍地|所在地|居住地)[^，,。；;]{0,8}"
    r"(?:办理|申请|申报|提出|领取|申领|缴纳|登记|报送|提取)|退回|上缴|缴入|存入|专户"
)
_AGE = re.compile(r"[几少]周?岁|多大(?:年纪|岁数)|什么年龄|年龄(?:上限|下限|要求|限制|[是为要有限多]|[?？]|$)")
_AGED = re.compile(r"岁")
_ONE_SPAN = re.compile(r"(?<![\d满足])(\d{1,3})(年|个月|岁)")
_NUMERAL = re.compile(r"[一二两三四五六七八九十百]+(?=年|个月|周?岁)")
_BAND = re.compile(
    r"满?(?<!\d)(\d{1,3})(年|个月|岁)(?:以上)?(?:不足|不满|未满|不超过|至)(\d{1,3})\2"
    r"|(?:不足|不满|未满)(\d{1,3})(年|个月|岁)|(?<!\d)(\d{1,3})(年|个月|岁)以上|(?<![未不])满(\d{1,3})(年|个月|岁)"
)
_WITHIN = re.compile(r"[日天月年时](?:之?内|以内|前|后|起)")
_DATED = re.compile(r"之日|[翌次当][日月年]|[日月年]起|届满|[月年季][初底末]|每[月年季]|按[月年季]|同时")
_BOUNDS = (
    (
        re.compile(r"最[高多长大]|上限|封顶|不超过|顶多"),
        re.compile(r"最[高多长大]|超过|为限|上限|不高于|限额|以[下内]"),
    ),
    (re.compile(r"最[低少短小]|下限|至少|起码|不低于"), re.compile(r"最[低少短小]|不低于|不少于|下限|以上|不足|低于")),
)
"""A highest or a lowest asked for, and how texts set one."""
_REASON = re.compile(r"原因|由于|因为|为了|造成|所致|系因")
_PUNISHES = re.compile(r"责令|罚|不得|退回|退还|处分|追究|暂停|解除|拒绝给付")


def asked_units(text: str) -> frozenset[str]:
    """The units a question asks a number in, empty when it leaves that open; `TIMELESS` where it asks for no time."""
    units = {unit for pattern, units in _UNITS for unit in units if pattern.search(text)}
    units |= {unit for counted in _COUNTED.findall(text) for unit in (counted, *_ALSO.get(counted, ()))}
    if not units and _HOW_MUCH.search(text) and not _OF_TIME.search(text):
        units.add(TIMELESS)
    return frozenset(units)


def answers_unit(unit: str | None, units: frozenset[str]) -> bool:
    """Whether a number of a unit can answer a question for some units: a duration answers for any other."""
    if TIMELESS in units:
        return unit not in DURATIONS and unit != "date"
    return not units or unit in units or (unit in DURATIONS and bool(units & DURATIONS))


def states_unit(text: str, reading: str) -> bool:
    """Whether the row of a table in words states what a question counts: 天数（天）：98."""
    return any(mark in reading for mark in _MARKED.findall(text))


def asks_number(text: str) -> bool:
    """Whether a question can be answered by nothing but a number."""
    return bool(AMOUNT.search(text)) and not _WHEN.search(text)


def asks_amount(text: str) -> bool:
    """Whether a number is asked for, in so many words or by the name of what numbers state: 报销比例."""
    return bool(AMOUNT.search(text) or _BARE_AMOUNT.search(text)) and not _WHEN.search(text)


def asks_whether(text: str) -> bool:
    """Whether yes or no, or how, is asked for."""
    return bool(_WHETHER.search(text) or _HOW.search(text)) and not AMOUNT.search(text)


def asks_when(text: str) -> bool:
    """Whether a date is asked for."""
    return bool(_WHEN.search(text))


def answers_kind(text: str, evidence: str) -> bool:
    """Whether a text can answer a question of its kind: where, by what papers, why, with what consequence."""
    needs = ((_AGE, _AGED), (_PAPERS, _HANDS_IN), (_WHERE, _TAKES_PLACE), (_WHY, _REASON), (_SANCTION, _PUNISHES))
    return all(said.search(evidence) for asks, said in needs if asks.search(text))


def dates(evidence: str, kinds: Iterable[str]) -> bool:
    """Whether a text with quantities of some kinds says when: a date, or within or after what time."""
    found = set(kinds)
    return "date" in found or ("duration" in found and bool(_WITHIN.search(evidence))) or bool(_DATED.search(evidence))


def bounds_as_asked(text: str, evidence: str) -> bool:
    """Whether a highest or lowest is asked for and a text sets one."""
    return any(asks.search(text) and sets.search(evidence) for asks, sets in _BOUNDS)


def band_fits(text: str, evidence: str) -> int:
    """1 where a question tells one span (12年) and a text has a band it lies in, -1 where only others, 0 for no bands.

    >>> band_fits("缴了12年能领几个月", "累计缴费10年以上的,最长为24个月")
    1
    >>> band_fits("缴了12年能领几个月", "累计缴费满1年不足5年的,最长为12个月")
    -1
    """
    text, evidence = (_NUMERAL.sub(_in_digits, t).replace("周岁", "岁") for t in (text, evidence))
    told = {(int(number), unit) for number, unit in _ONE_SPAN.findall(text)}
    if len(told) != 1:
        return 0
    ((value, unit),) = told
    bands = []
    for low, u1, high, below, u2, above, u3, full, u4 in _BAND.findall(evidence):
        if unit in (u1, u2, u3, u4):
            bands.append((int(low or above or full or 0), int(high or below or 10**6)))
    return 0 if not bands else 1 if any(low <= value < high for low, high in bands) else -1


def _in_digits(numeral: re.Match[str]) -> str:
    return str(ordinal_from_text(numeral[0].replace("两", "二")))


def focus_words(text: str, words: Sequence[Word]) -> list[Word]:
    """The words of a question that its answer must speak of: what is to be counted, dated, allowed or named.

    The nearest thing named ahead of 多少, with the deeds in between; all that is said behind 能不能; what follows 哪个.
    """
    focus: dict[int, Word] = {}
    for clause in _CLAUSE.finditer(text):
        inside = [w for w in words if clause.start() <= w.start < clause.end()]
        for word in _focus_of_clause(text, clause.start(), clause.end(), inside):
            focus[word.start] = word
    if not focus and words:
        named = [w for w in words if w.noun] or list(words)
        focus[named[-1].start] = named[-1]
    return [focus[start] for start in sorted(focus)]


def _focus_of_clause(text: str, start: int, end: int, words: list[Word]) -> list[Word]:
    found: list[Word] = []
    for pattern in (_WHO, _WHEN):
        for match in pattern.finditer(text, start, end):
            found += [w for w in words if w.end > match.start()] or _thing_before(words, match.start())
    if found:
        return found
    for match in AMOUNT.finditer(text, start, end):
        counted = match[0].endswith(("多少", "几"))
        behind = [w for w in words if counted and match.end() <= w.start <= match.end() + 1 and w.noun]
        found += [*_thing_before(words, match.start()), *behind] or [w for w in words if w.start >= match.end()]
    for match in _NAMED.finditer(text, start, end):
        found += [w for w in words if w.start == match.end()]
    if not found and _WHETHER.search(text, start, end):
        modals = [m.start() for m in _MODAL.finditer(text, start, end) if any(w.end > m.start() for w in words)]
        found = [w for w in words if w.end > modals[-1]] if modals else words[-2:]
    if not found and (how := _HOW.search(text, start, end)):
        found = [w for w in words if w.start >= how.end()] or _thing_before(words, how.start())
    return found


def _thing_before(words: list[Word], place: int) -> list[Word]:
    """The last words ahead of a place, back to one that names a thing."""
    found: list[Word] = []
    for word in reversed([w for w in words if w.start < place]):
        found.append(word)
        if word.noun:
            break
    return found
