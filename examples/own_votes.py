"""Votes of your own, from a spreadsheet as people have them to positions with intervals.

    python examples/own_votes.py [FOLDER]

A town council of nine wards votes on the same motion in three years. The table is checked, what is wrong with
it is shown and corrected; then the wards are placed on a scale, and the returning motion is accounted for.
"""

import sys
from pathlib import Path

import voteshift as vs
from voteshift.readers import check_file

folder = Path(sys.argv[1] if len(sys.argv) > 1 else ".")

# One column a roll call, one row a ward; blank where a ward had no seat: Mill before 2020, Park since 2021.
MATRIX = """member;1;2;3;4;5;6;7;8;9;10;11;12
Harbour;yes;yes;yes;no;yes;no;yes;yes;no;yes;yes;yes
Market;yes;yes;no;no;yes;no;yes;abstain;no;yes;yes;no
Mill;;;;;yes;no;abstain;yes;no;no;yes;yes
North;yes;yes;yes;abstain;no;no;yes;no;no;yes;yes;no
Old Town;abstain;yes;no;no;yes;yes;no;no;abstain;yes;no;no
Park;no;no;yes;yes;abstain;yes;yes;no;;;;
South;no;yes;no;yes;no;yes;no;no;yes;absent;no;no
Station;no;no;no;yes;no;abstain;no;no;yes;no;no;yes
University;no;no;no;yes;no;yes;no;abstain;yes;no;no;no
"""
FACTS = """rollcall;date;title
1;2019-02-04;Pedestrian zone
2;2019-03-04;Swimming bath
3;2019-06-03;Tram to the harbour
4;2019-09-02;Parking fees
5;2020-02-03;Pedestrian zone
6;2020-05-04;School meals
7;2020-09-07;Night buses
8;2020-11-02;Library
9;2021-02-01;Pedestrian zone
10;2021-04-05;Cycle lanes
11;2021-06-07;Market hall
12;2021-10-04;Fire station
"""

council = folder / "council"
council.mkdir(exist_ok=True)
(council / "rollcalls.csv").write_text(FACTS, encoding="utf-8")

print("1. Check")
slips = MATRIX.replace("Old Town;abstain", "Old Town;perhaps").replace("Park;no", "Park;no;no")
for label, text in (("with two slips of the keyboard", slips), ("corrected", MATRIX)):
    (council / "votes.csv").write_text(text, encoding="utf-8")
    report = check_file(council)
    print(f"   {label}: {len(report)} findings")
    for finding in report:
        print(f"     line {finding.line}: {finding.message} ({finding.remedy})")

record = vs.read(council)
print("2. What it holds")
print(record.tally().join(record.rollcalls[["date", "title"]]).to_string())

print("3. Where the wards stand")
fit = vs.IdealPoints(polarity="Harbour").fit(record)
print(fit.tidy()[["member", "estimate", "conf_low", "conf_high", "n_votes"]].round(2).to_string(index=False))
for caution in fit.cautions:
    print(f"   Caution: {caution}")

print("4. The motion that came back")
for step in vs.account(record, "pedestrian zone")[:2]:
    print(
        f"   {step.stayers} sat both times, {step.left} left, {step.joined} came; switched: "
        f"{', '.join(step.switchers.index) or 'nobody'}"
    )
vs.write(record, folder / "council.voteshift")
print(f"written: {folder / 'council.voteshift'}")
