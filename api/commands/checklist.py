"""A regulation's duties and conditions as a checklist for one report. Exit status 1 if any is broken."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from api.options import add_format, read_source
from api.output import to_json, write_bytes, write_text
from api.present import describe_bound, describe_document
from api.reports.checklist import DUTY_WORDS, duty_of
from api.screen import Screen, plain, wrap

if TYPE_CHECKING:
    from api.sheets import Sheet
    from kb.checklist import DutyCheck

_STYLE = {"met": "good", "broken": "bad", "open": "doubt", "not_mentioned": "dim"}
_COLUMNS = ("status", "document", "provision", "duty", "bound", "report", "start", "end", "explanation")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("report", metavar="REPORT", help="report to check, - for standard input")
    parser.add_argument("--against", metavar="FILE", nargs="+", required=True, help="regulations with the duties")
    add_format(parser, "text", "json", "csv", "xlsx", "html")
    parser.add_argument("--explain", action="store_true", help="add to each record its cues and confidence")
    parser.set_defaults(error_status=2)


def run(args: argparse.Namespace) -> int:
    from ingest.extract import extract
    from kb.checklist import duties_from_extractions, make_checklist

    report = extract(read_source(args.report))
    regulations = [extract(read_source(path), "regulation") for path in args.against]
    checks = make_checklist(report, duties_from_extractions(regulations))
    if args.format == "text":
        write_text(args, _draw(checks, Screen.of_stdout()))
    elif args.format == "json":
        write_text(args, to_json({"checklist": [_to_dict(check, args.explain) for check in checks]}))
    elif args.format == "csv":
        from api.sheets import sheet_to_csv

        write_bytes(args, sheet_to_csv(_sheet(checks)))
    else:
        from api.reports.checklist import checklist_to_html, checklist_to_xlsx

        if args.format == "html":
            write_text(args, checklist_to_html(report, checks))
        else:
            write_bytes(args, checklist_to_xlsx(checks))
    return 1 if any(check.status == "broken" for check in checks) else 0


def _draw(checks: list[DutyCheck], screen: Screen) -> str:
    lines = []
    for check in checks:
        record = check.rule.record
        status = screen.style(DUTY_WORDS[check.status], _STYLE[check.status])
        duty = duty_of(check)
        bound = f"{describe_bound(record)}  " if record.comparator else ""
        lines.append(f"{status}  {bound}{duty}")
        lines.append(
            screen.style(f"   {describe_document(check.rule.document)} {plain(record.provision or '')}", "dim")
        )
        told = check.finding.explanation if check.finding else f"报告：{check.quote.strip()}" if check.quote else ""
        if told:
            lines.append(wrap(plain(told), screen.columns, "   "))
    counts = (f"{sum(c.status == status for c in checks)} {status}" for status in DUTY_WORDS)
    return "\n".join([*lines, "", ", ".join(counts)])


def _to_dict(check: DutyCheck, explain: bool) -> dict[str, Any]:
    from api.contract import finding_to_dict, stored_to_dict

    return {
        "status": check.status,
        "rule": stored_to_dict(check.rule, explain),
        "finding": None if check.finding is None else finding_to_dict(check.finding, explain),
        "start": check.start,
        "end": check.end,
        "quote": check.quote,
    }


def _sheet(checks: list[DutyCheck]) -> Sheet:
    from api.sheets import Sheet

    return Sheet("checklist", _COLUMNS, tuple(_row(check) for check in checks))


def _row(check: DutyCheck) -> tuple[str | int | None, ...]:
    record = check.rule.record
    bound = describe_bound(record) if record.comparator else None
    told = check.finding.explanation if check.finding else None
    place = (describe_document(check.rule.document), record.provision)
    return (check.status, *place, duty_of(check), bound, check.quote or None, check.start, check.end, told)
