"""The command line: parse, call one function, print.

Results go to stdout, progress and messages to stderr. Exit codes: 0 done, 1 the answer is not usable,
2 wrong usage, 3 bad input.
"""

from voteshift.cli.app import main

__all__ = ["main"]
