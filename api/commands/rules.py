"""List rules as a table: requirements, entitlements, standards, limits, targets and penalties, with their bounds."""

from __future__ import annotations

import argparse

from api.options import add_filters, add_kb, add_paging, filters_from_args, open_kb
from api.present import describe_bound, describe_document, describe_rule
from api.screen import plain
from api.tables import add_table_format, write_table


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add_kb(parser)
    add_filters(parser)
    add_paging(parser)
    add_table_format(parser)


def run(args: argparse.Namespace) -> int:
    with open_kb(args) as kb:
        rules = kb.rules(filters_from_args(args), limit=args.limit, offset=args.offset)
    rows = [
        (
            describe_bound(rule.record),
            describe_rule(rule.record),
            rule.record.modality,
            rule.record.indicator or "",
            describe_document(rule.document),
            plain(rule.provision_label or rule.record.provision or ""),
            f"{rule.record.start}-{rule.record.end}",
        )
        for rule in rules
    ]
    write_table(args, "rules", rules, ("bound", "rule", "modality", "indicator", "document", "provision", "span"), rows)
    return 0
