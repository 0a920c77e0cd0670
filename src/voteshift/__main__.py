"""Run the command line as ``python -m voteshift``."""

from voteshift.cli import main

if __name__ == "__main__":
    main()
