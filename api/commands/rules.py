"""List rules as a table: requirements, entitlements, standards, limits, targets and penalties, with their bounds."""

from __future__ import annotations

import argparse

from api.options import add_all, add_filters, add_kb, add_paging, filters_from_args, open_kb
from api.present import describe_bound, describe_document, describe_rule
from api.screen import plain
from api.tables import add_table_format, write_table


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_kb(parser)
    add_filters(parser)
    add_paging(parser)
    add_all(parser)
    add_table_format(parser)


def run(args: argparse.Namespace) -> int:
    with open_kb(args) as kb:
        rules = kb.rules(filters_from_args(args), limit=args.limit, offset=args.offset, distinct=not args.all)
    rows = [
        (
            describe_bound(rule.record),
            describe_rule(rule.record),
            rule.record.modality,
            rule.record.indicator or "",
            describe_document(rule.document),
            plain(rule.provision_label or rule.record.provision or ""),
            f"{rule.record.start}-{rule.record.end}",
            f"{rule.count}×" if rule.count > 1 else "",
        )
        for rule in rules
    ]
    headers = ("bound", "rule", "modality", "indicator", "document", "provision", "span", "repeated")
    write_table(args, "rules", rules, headers, rows)
    return 0
