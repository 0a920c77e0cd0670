"""Why "mutually beneficial cooperation" passed 28-1-17 in 2018, 23-16-8 in 2020 and 26-15-6 in 2021.

    python examples/trio.py [FOLDER]

The exact account, the same members on everything else, and the model's parts, without bridges and with them.
Pictures and a table of every number go to FOLDER, or to the folder you stand in.
"""

import sys
from pathlib import Path

import voteshift as vs
from voteshift.plots.style import off_screen

STUDY = "mutually-beneficial-cooperation"
folder = Path(sys.argv[1] if len(sys.argv) > 1 else ".")
record = vs.load_hrc()
counts = record.tally()[["yes", "no", "abstain"]]

print("1. What is on record")
for step in vs.account(record, STUDY):
    before, after = ("-".join(map(str, counts.loc[rollcall])) for rollcall in (step.old, step.new))
    print(f"   {before} to {after}")
    print(
        f"     {step.stayers} sat both times, {len(step.switchers)} of them switched: "
        f"{', '.join(step.switchers.index) or 'nobody'}"
    )
    print(f"     no: switching {step.switching['no']:+d}, turnover {step.turnover['no']:+d}")

why = vs.explain(record, STUDY)

print("2. The same members on other resolutions")
first = vs.account(record, STUDY)[0]
elsewhere = vs.checks.placebo(why).steps[first.old, first.new]
print(f"   switched here {elsewhere.here[0]} of {elsewhere.here[1]}, ", end="")
print(f"elsewhere {elsewhere.elsewhere[0]} of {elsewhere.elsewhere[1]}")

print("3. The model, 90 % intervals")
bridged = vs.explain(record, STUDY, model=vs.IdealPoints(dynamics=vs.RandomWalk(bridge="families")))
for name, explanation in (("one position each", why), ("positions move, other families as bridges", bridged)):
    print(f"   {name}: parts of the change in no, 2018 to 2020")
    table = explanation.steps[0].model.table
    for row in table[table["category"] == "no"].itertuples():
        if row.component != "residual":
            print(f"     {row.component:11} {row.estimate:+5.1f} [{row.conf_low:+.1f}, {row.conf_high:+.1f}]")

with off_screen():
    vs.plots.flow(why).figure.savefig(folder / "flow.png", dpi=160)
    vs.plots.waterfall(why, step=0).figure.savefig(folder / "waterfall.png", dpi=160)
why.tidy().to_csv(folder / "why.csv", index=False)
print(f"written: {folder / 'flow.png'}, {folder / 'waterfall.png'}, {folder / 'why.csv'}")
