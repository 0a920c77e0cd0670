"""Build the bundled record of the Human Rights Council from a harvest of the OHCHR voting collection.

    python tools/build_hrc.py HARVEST [OUT]

HARVEST is a folder with ``rollcalls.csv``, ``votes.csv.gz`` and ``states.csv``; OUT defaults to ``data/hrc``.
Nothing is mended in silence: what the catalogue contradicts is kept out by ``reconciled = no`` and listed in
``OUT/REPORT.md``, which this script writes from the same run as the tables.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from voteshift.datasets import HRC_LETTERS
from voteshift.families import assign_families
from voteshift.rollcalls import RollCalls
from voteshift.votes import Vote

LETTER_OF = {vote: letter for letter, vote in HRC_LETTERS.items()}
TOTALS = ["yes", "no", "abstain"]
#: States that a faulty list names although they never sat, and so lack a row among the harvest's states.
NEVER_SEATED = {"SWZ": ("Eswatini", "AFRICAN")}


def read_harvest(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return members, roll calls and votes under the project's names."""
    states = pd.read_csv(folder / "states.csv", dtype=str, keep_default_na=False)
    members = states.rename(columns={"iso3": "member", "state": "name", "regional_group": "group"})
    members = members.set_index("member")[["name", "group"]]
    for iso3, row in NEVER_SEATED.items():
        members.loc[iso3] = row
    rollcalls = pd.read_csv(folder / "rollcalls.csv", dtype=str, keep_default_na=False)
    rollcalls = rollcalls.rename(columns={"record": "rollcall"}).set_index("rollcall")
    rollcalls["symbol"] = rollcalls["resolution"].where(rollcalls["resolution"] != "", rollcalls["draft"])
    rollcalls["amendment"] = rollcalls["amendment"] == "yes"
    rollcalls["reconciled"] = rollcalls["reconciled"] == "yes"
    rollcalls[TOTALS] = rollcalls[TOTALS].apply(pd.to_numeric).astype("Int64")
    rollcalls = rollcalls.assign(order=range(len(rollcalls))).sort_values(["date", "order"])
    rollcalls["family"] = assign_families(rollcalls)
    votes = pd.read_csv(folder / "votes.csv.gz", dtype=str, keep_default_na=False)
    return members.sort_index(), rollcalls, votes.rename(columns={"record": "rollcall", "iso3": "member"})


def unlisted_seats(votes: pd.DataFrame, rollcalls: pd.DataFrame) -> list[tuple[str, str]]:
    """Find members that one sound roll call leaves out although every other one of its session lists them."""
    sound = rollcalls.index[rollcalls["reconciled"]]
    listed = votes[votes["rollcall"].isin(sound)].groupby("rollcall")["member"].agg(set)
    gaps = []
    for _, ids in rollcalls.loc[sound].groupby("session").groups.items():
        for rollcall in ids:
            others = [listed[other] for other in ids if other != rollcall]
            if len(others) > 1:
                gaps += [
                    (rollcall, member) for member in sorted(set.intersection(*others) - listed[rollcall])
                ]
    return gaps


def foreign_seats(votes: pd.DataFrame, rollcalls: pd.DataFrame) -> list[tuple[str, str, str]]:
    """Find roll calls whose list departs from the seats of the sound roll calls of their session."""
    listed = votes.groupby("rollcall")["member"].agg(set)
    rows = []
    for _, part in rollcalls.groupby("session"):
        sound = [listed[rollcall] for rollcall in part.index[part["reconciled"]]]
        if not sound:
            continue
        seats = set.union(*sound)
        for rollcall in part.index:
            extra, lacking = listed[rollcall] - seats, set.intersection(*sound) - listed[rollcall]
            if extra or lacking:
                rows.append((rollcall, " ".join(sorted(extra)), " ".join(sorted(lacking))))
    return rows


def write_report(out: Path, lines: list[str], record: RollCalls) -> None:
    """List every roll call that is left out, with the totals it declares."""
    frame, tally = record.rollcalls, record.tally()
    text = ["# What the catalogue contradicts", "", "Written by `tools/build_hrc.py`.", "", *lines, ""]
    text += ["## Roll calls kept out by default", ""]
    text += ["| record | date | symbol | declared yes-no-abstain | listed |", "|---|---|---|---|---|"]
    for rollcall, row in frame[~frame["reconciled"]].iterrows():
        declared, listed = (
            "-".join(str(counts[name]) for name in TOTALS) for counts in (row, tally.loc[rollcall])
        )
        text.append(f"| {rollcall} | {row['date']:%Y-%m-%d} | {row['symbol']} | {declared} | {listed} |")
    (out / "REPORT.md").write_text("\n".join(text) + "\n", encoding="utf-8")


def main(harvest: Path, out: Path) -> None:
    """Read, check, write."""
    members, rollcalls, votes = read_harvest(harvest)
    orphans = sorted(set(votes["rollcall"]) - set(rollcalls.index))
    votes = votes[votes["rollcall"].isin(rollcalls.index)]
    gaps = unlisted_seats(votes, rollcalls)
    foreign = foreign_seats(votes, rollcalls)
    filled = pd.DataFrame([(r, m, "not recorded") for r, m in gaps], columns=["rollcall", "member", "vote"])
    record = RollCalls.from_long(pd.concat([votes, filled]), members=members, rollcalls=rollcalls)

    out.mkdir(parents=True, exist_ok=True)
    members.to_csv(out / "members.csv")
    columns = ["date", "session", "symbol", "draft", "title", "subject", "amendment", "outcome"]
    table = rollcalls[[*columns, *TOTALS, "reconciled", "family"]].copy()
    for name in ("amendment", "reconciled"):
        table[name] = np.where(table[name], "yes", "no")
    table.to_csv(out / "rollcalls.csv")
    letters = np.array([LETTER_OF[Vote(code)] for code in range(-3, 3)])
    cells = pd.DataFrame(
        letters[record.votes.T + 3], index=record.rollcalls.index, columns=record.members.index
    )
    cells.to_csv(out / "votes.csv")

    by_id = rollcalls["symbol"]
    lines = [f"- {len(rollcalls)} roll calls, {int(rollcalls['reconciled'].sum())} of them reconciled."]
    lines += [f"- Record {r}: votes without a row in the catalogue; left out." for r in orphans]
    lines += [
        f"- Record {r} ({by_id[r]}) does not list {m}, which every other roll call of the session lists: "
        "encoded as not recorded, not as a lost seat."
        for r, m in gaps
    ]
    lines += [
        f"- Record {r} ({by_id[r]}{'' if rollcalls.loc[r, 'reconciled'] else ', kept out'}) lists"
        + (f" {extra}, without a seat in the session" if extra else "")
        + (" and" if extra and lacking else "")
        + (f" not {lacking}" if lacking else "")
        + "."
        for r, extra, lacking in foreign
    ]
    write_report(out, lines, record)
    print(f"{record!r}\n" + "\n".join(lines))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else Path("data/hrc"))
