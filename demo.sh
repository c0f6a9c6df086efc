#!/usr/bin/env bash
# Shows the product on corpus/: ingest, search, rules, check. Usage: demo.sh [KB]
set -euo pipefail
cd "$(dirname "$0")"
kb=${1:-demo-kb}
report=corpus/reports/安澜市2023年度居民医保基金审计报告.txt

show() {
  printf '\n$ fadu %s\n' "$*"
  fadu "$@"
}

show ingest corpus/regulations --kb "$kb"
show search 三级医院住院报销比例是多少 -k 3 --kb "$kb"
show rules --indicator reimbursement_ratio --limit 12 --kb "$kb"
show check "$report" --kb "$kb" || [ $? -eq 1 ] # 1: something violates a rule, which is what the demo shows

cat <<END

Next: make serve            the same over HTTP, with a web page, at http://127.0.0.1:8000
      fadu --help           every command (after: . .venv/bin/activate)
      fadu extract $report
END
