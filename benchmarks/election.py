"""Council and Assembly on one scale, and an election at random: python benchmarks/election.py FOLDER.

FOLDER holds Voeten's record of the General Assembly (votes.csv.xz, rollcalls.csv). Reads it, links it to
the bundled record of the Council, fits the years of the resolution on mutually beneficial cooperation
jointly, static and with positions that move by year, and asks of the first step whether another election
could have done this. Prints seconds, memory, gradient norms and answers; --out FILE keeps them as JSON.

Run it twice: the first time includes compilation.
"""

import argparse
import json
import os
import resource
import time
import warnings
from pathlib import Path

import voteshift as vs
from voteshift.joint import chambers_in

FAMILY = "mutually-beneficial-cooperation"
WINDOW = ("2016", "2021")


def measured(name, spec, record, draws, seed):
    """Fit, explain the first step, and say what it took."""
    begin = time.perf_counter()
    fit = spec.fit(record.between(*WINDOW))
    fitted = time.perf_counter()
    why = vs.explain(record, FAMILY, model=fit, draws=vs.Draws(draws, seed=seed))
    step, *without = vs.checks.elections(why).steps[why.steps[0].ends]
    done = time.perf_counter()
    row = step.table.set_index("category").loc["no"]
    result = {
        "members": len(fit.encoded.members),
        "rollcalls": chambers_in(record, fit.encoded.rollcalls, fit.encoded.members).to_dict("index"),
        "converged": fit.converged,
        "gradient_norm": fit.mode.gradient_norm,
        "seconds_fit": fitted - begin,
        "seconds_explain": done - fitted,
        "no": row.to_dict(),
        "sentence": step.sentence(*without),
        "note": step.note(),
    }
    print(
        f"{name}: {result['members']} members; fit {result['seconds_fit']:.1f} s, explanation with two "
        f"elections a step {result['seconds_explain']:.1f} s; converged {fit.converged}, gradient norm "
        f"{fit.mode.gradient_norm:.1e}\n  {result['sentence']}\n  {result['note']}"
    )
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--draws", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    begin = time.perf_counter()
    record = vs.link_chambers(vs.load_hrc(), vs.read(options.folder))
    seconds = time.perf_counter() - begin
    print(f"{record}\nread and joined in {seconds:.1f} s")
    moving = vs.IdealPoints(dynamics=vs.RandomWalk(bridge="families", apart=(FAMILY,)))
    models = {"positions held": vs.IdealPoints(), "positions by year": moving}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", vs.BridgeWarning)
        result = {
            name: measured(name, spec, record, options.draws, options.seed) for name, spec in models.items()
        }
    result |= {
        "seconds_read": seconds,
        "peak_gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6,
        "cores": os.cpu_count(),
    }
    print(f"peak {result['peak_gb']:.2f} GB")
    if options.out:
        options.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
