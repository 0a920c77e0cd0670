"""The command line: parse, call one function, print.

Results go to stdout, progress and messages to stderr. Exit codes: 0 done, 1 the answer is not usable,
2 wrong usage, 3 bad input, 130 interrupted.
"""

__all__ = ["main"]


def main() -> None:
    """Run the command line."""
    # Nothing is imported before this: an interrupt during an import must find its handler in place.
    from voteshift.cli.interrupts import end_on_signals, ignore_interrupts

    end_on_signals()
    try:
        from voteshift.cli.program import run

        run()
    finally:
        ignore_interrupts()
