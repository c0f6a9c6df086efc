"""The command `fadu`: parses the line, runs one command, turns errors into one line and an exit status."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import traceback
from collections.abc import Sequence

from api.errors import UsageError
from ingest.errors import FaduError

DESCRIPTION = """\
fadu (法度) turns Chinese policy documents into rules and figures that can be searched, checked and quoted,
each tied to the exact characters it came from."""

EPILOGUE = """\
Begin with:  fadu ingest FOLDER --kb my-kb   then   fadu search "住院报销比例" --kb my-kb
The knowledge base is --kb DIR, else $FADU_KB, else ./fadu-kb.
Exit status: 0 done; 1 something was refused, not found or violated; 2 the command cannot be carried out as asked."""

COMMANDS = {
    "ingest": "read files and folders into the knowledge base",
    "extract": "everything found in one file",
    "normalize": "clean, converted text with its offset map",
    "read": "what was read of a file: encoding, script, parts, tables, coverage",
    "search": "passages and rules that answer a query, best first",
    "ask": "a cited answer in the documents' own words",
    "rules": "the table of rules",
    "figures": "the table of figures",
    "check": "check a report against rules and its own arithmetic",
    "checklist": "duties of a regulation: met, broken or not mentioned in a report",
    "compare": "what differs between two documents",
    "conflicts": "rules of different documents that disagree",
    "table": "one indicator as a cross table",
    "verify": "is this quote, are these numbers in the knowledge base",
    "export": "every table to xlsx, csv, parquet or jsonl",
    "serve": "HTTP API and web page",
    "keys": "make, list and revoke API keys",
    "mcp": "tools for chatbots over MCP on stdio",
    "doctor": "verify the knowledge base, rebuild what can be rebuilt",
}
INTERNAL_ERROR = 70
INTERRUPTED = 130


def build_parser() -> argparse.ArgumentParser:
    """The whole command line; imports the light modules of `api.commands`, nothing heavy."""
    parser = argparse.ArgumentParser(
        prog="fadu",
        description=DESCRIPTION,
        epilog=EPILOGUE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="store_true", help="print the version and exit")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--pack",
        metavar="FILE",
        action="append",
        default=[],
        help="vocabulary pack whose words are known too; may be repeated (also $FADU_PACK)",
    )
    common.add_argument("-v", "--verbose", action="store_true", help="more detail; a traceback on an internal error")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    for name, summary in COMMANDS.items():
        module = importlib.import_module(f"api.commands.{name}")
        command = commands.add_parser(
            name, help=summary, description=module.__doc__, parents=[common], allow_abbrev=False
        )
        command.set_defaults(run=module.run, error_status=1)
        module.add_arguments(command)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command.

    Args:
        argv: arguments after the program name, those of the process by default.

    Returns:
        The exit status.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    parser = build_parser()
    args = parser.parse_args(argv)
    if args.version:
        from importlib.metadata import version

        print(f"fadu {version('fadu')}")
        return 0
    if args.command is None:
        parser.print_help()
        return 2
    return _run(args)


def _run(args: argparse.Namespace) -> int:
    try:
        status = _with_packs(args)
        sys.stdout.flush()
        return status
    except UsageError as error:
        return _fail(args, str(error), 2)
    except FaduError as error:
        return _fail(args, str(error), args.error_status)
    except BrokenPipeError:
        # The reader went away (`fadu rules | head`): nothing is wrong, and nothing more can be written.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("fadu: interrupted", file=sys.stderr)
        return INTERRUPTED
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        return _fail(args, f"{where}{error.strerror or error}", max(args.error_status, 1))
    except Exception as error:
        if args.verbose:
            traceback.print_exc()
        return _fail(
            args, f"internal error ({type(error).__name__}): {error}; run again with -v for details", INTERNAL_ERROR
        )


def _with_packs(args: argparse.Namespace) -> int:
    """The exit status of the command, run with the vocabulary packs of the line and the environment in use."""
    packs = [*args.pack, *filter(None, os.environ.get("FADU_PACK", "").split(os.pathsep))]
    if not packs:
        return int(args.run(args))
    from ingest.lexicon.packs import use_packs

    with use_packs(packs):
        return int(args.run(args))


def _fail(args: argparse.Namespace, message: str, status: int) -> int:
    line = " ".join(message.split())
    print(f"fadu {args.command}: {line}", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
