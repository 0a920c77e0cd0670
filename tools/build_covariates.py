"""Build the bundled covariates from a table with one row per state and year.

    python tools/build_covariates.py SOURCE [OUT]

SOURCE is a CSV file with columns ``iso3``, ``year``, ``wgi_voice``, ``gdp_pc_usd`` and ``population``; OUT
defaults to ``data/covariates.csv``. Values are copied unchanged. Only states with a seat in a roll call of
the bundled record are kept, and only the columns that may be distributed; see data/README.md.
"""

import sys
from pathlib import Path

import pandas as pd

from voteshift.datasets import load_hrc
from voteshift.votes import Vote

COLUMNS = {
    "iso3": "member",
    "year": "year",
    "wgi_voice": "voice",
    "gdp_pc_usd": "gdp_per_head",
    "population": "population",
}


def main(source: Path, out: Path) -> None:
    """Read, select, write."""
    table = pd.read_csv(source, dtype=str, keep_default_na=False)[list(COLUMNS)].rename(columns=COLUMNS)
    record = load_hrc()
    sat = record.members.index[(record.votes != Vote.NOT_MEMBER).any(axis=1)]
    table = table[table["member"].isin(sat)].sort_values(["member", "year"])
    table.to_csv(out, index=False, lineterminator="\n")
    lacking = sorted(set(sat) - set(table["member"]))
    blank = (table == "").sum()
    print(f"{len(table)} rows, {table['member'].nunique()} states; states without a row: {lacking or 'none'}")
    print("blank values:", ", ".join(f"{name} {n}" for name, n in blank.items() if n))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else Path("data/covariates.csv"))
