"""Marginal fits and published scores, draws and simulated truth: python benchmarks/marginal.py FOLDER.

FOLDER holds `court` (votes.csv.xz, martin_quinn.csv) and `senate` (votes.csv.xz) as packaged in the R package
emIRT, and `unga` as for benchmarks/assembly.py. Prints

- the correlation of dynamic positions of the Supreme Court with the Martin-Quinn scores, over all
  justice-terms and within terms, and the seconds of the fit on one thread (the second of two fits);
- static positions against draws of the sampler, which estimates the prior standard deviations as the marginal
  fit does: the root mean square difference of the means in posterior standard deviations, and the mean ratio
  of the standard errors. The joint mode has the standard deviations that the draws estimate on average;
- coverage of 90 % intervals, correlation with the truth, and the lowest correlation within a period, in
  simulated courts of nine of about 46 members over 60 terms (--courts, 5 by default; 0 for none);
- with --assembly, only the General Assembly: dynamic positions of sessions 23 to 25 and 50 to 52 against
  draws, then a fit of all sessions with bridges and tau estimated: the spread of the first session over that
  of the last, the prior standard deviation of the discriminations, tau, sweeps, seconds, peak memory, and how
  well the scale over time is identified. Run it twice: the first time includes compilation.
"""

import argparse
import resource
import time
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

import voteshift as vs
from voteshift.readers import read_pairs


def read_court(folder: Path) -> vs.RollCalls:
    """Read the votes of the Supreme Court, with terms as years."""
    votes = pd.read_csv(folder / "court" / "votes.csv.xz")
    long = as_record(votes["justice"], votes["case"], votes["vote"])
    dates = (votes["term"].astype(str) + "-10-01").groupby(long["rollcall"], sort=False).first()
    return vs.RollCalls.from_long(long, rollcalls=dates.to_frame("date"))


def read_senate(folder: Path, congress: int) -> vs.RollCalls:
    """Read the votes of one Congress."""
    votes = pd.read_csv(folder / "senate" / "votes.csv.xz")
    votes = votes[votes["congress"] == congress]
    return vs.RollCalls.from_long(as_record(votes["member"], votes["rollcall"], votes["vote"]))


def as_record(members: pd.Series, rollcalls: pd.Series, votes: pd.Series) -> pd.DataFrame:
    """Return votes of 0 and 1 in the long form of a record."""
    words = np.where(votes == 1, "yes", "no")
    return pd.DataFrame({"member": members.astype(str), "rollcall": rollcalls.astype(str), "vote": words})


def compare_with_scores(record: vs.RollCalls, folder: Path) -> None:
    """Print correlations with the Martin-Quinn scores."""
    scores = pd.read_csv(folder / "court" / "martin_quinn.csv")
    walk = vs.RandomWalk(tau="estimate", delta=0.0)
    for method, tau in (("mode", 0.1), ("marginal", "estimate")):
        spec = vs.IdealPoints(link="probit", method=method, dynamics=replace(walk, tau=tau), threads=1)
        for _ in range(2):
            began = time.perf_counter()
            fit = spec.fit(record)
            seconds = time.perf_counter() - began
        table = fit.tidy().astype({"period": int})
        table = table.merge(scores, left_on=["member", "period"], right_on=["justice", "term"])
        sign = np.sign(table["estimate"].corr(table["martin_quinn"]))
        within = [part["estimate"].corr(part["martin_quinn"]) for _, part in table.groupby("period")]
        print(
            f"court, {method}: r with Martin-Quinn {abs(table['estimate'].corr(table['martin_quinn'])):.4f}, "
            f"median within terms {sign * np.median(within):.4f}, lowest {min(sign * np.array(within)):.3f}; "
            f"{seconds:.2f} s, {fit!r}"
        )


def compare_with_draws(name: str, record: vs.RollCalls, link: str) -> None:
    """Print the differences from the sampler."""
    draws = vs.sample(record, vs.IdealPoints(link=link), draws=1500, tune=1000, chains=4, seed=1)
    sds = [float(draws.flat(f"{name}_sd").mean()) for name in ("discrimination", "midpoint")]
    posterior = draws.tidy().set_index("member")
    for spec in (
        vs.IdealPoints(link=link, priors=vs.Priors(*sds)),
        vs.IdealPoints(link=link, method="marginal"),
    ):
        fit = spec.fit(record)
        table = fit.tidy().set_index("member").loc[posterior.index]
        sign = np.sign(table["estimate"].corr(posterior["estimate"]))
        apart = (sign * table["estimate"] - posterior["estimate"]) / posterior["std_error"]
        ratio = (table["std_error"] / posterior["std_error"]).mean()
        print(
            f"{name}, {fit.reached['method']}: {np.sqrt(np.mean(apart**2)):.3f} posterior sd from the means "
            f"of the draws, standard errors x {ratio:.3f} ({draws.verdict})"
        )


def simulate_court(seed: int) -> tuple[vs.RollCalls, pd.DataFrame]:
    """Draw a court of nine whose members are replaced one by one over 60 terms, and their true positions."""
    rng = np.random.default_rng(seed)
    n_terms, n_seats, n_cases = 60, 9, 60
    members, ends, seats = n_seats, rng.integers(1, 15, n_seats), np.arange(n_seats)
    positions = dict(enumerate(rng.normal(size=n_seats)))
    truth, votes = [], []
    for term in range(n_terms):
        for seat in np.flatnonzero((ends <= term) & (term > 0)):
            seats[seat], ends[seat] = members, term + rng.integers(8, 22)
            positions[members] = rng.normal()
            members += 1
        x = np.array([positions[member] for member in seats])
        truth += [(f"m{member:02d}", 1940 + term, value) for member, value in zip(seats, x, strict=True)]
        slopes, middle = rng.normal(0, 1.7, n_cases), rng.normal(0, 0.8, n_cases)
        yes = np.outer(x, slopes) - middle + rng.normal(size=(n_seats, n_cases)) > 0
        votes += [
            (f"m{member:02d}", f"{1940 + term}/{case:02d}", "yes" if yes[seat, case] else "no")
            for seat, member in enumerate(seats)
            for case in range(n_cases)
        ]
        for member in seats:
            positions[member] += 0.15 * rng.normal()
    long = pd.DataFrame(votes, columns=["member", "rollcall", "vote"])
    dates = long[["rollcall"]].drop_duplicates().set_index("rollcall")
    dates["date"] = [f"{name[:4]}-06-01" for name in dates.index]
    table = pd.DataFrame(truth, columns=["member", "period", "truth"])
    table.attrs = {"mean": table["truth"].mean(), "sd": table["truth"].std(ddof=0)}
    table["truth"] = (table["truth"] - table["truth"].mean()) / table["truth"].std(ddof=0)
    return vs.RollCalls.from_long(long, rollcalls=dates), table


def compare_with_truth(n_courts: int) -> None:
    """Print coverage and correlation in simulated courts."""
    for method, tau in (("mode", 0.1), ("marginal", "estimate")):
        rows = []
        for seed in range(1, n_courts + 1):
            record, truth = simulate_court(seed)
            walk = vs.RandomWalk(tau=tau, delta=0.0)
            table = vs.IdealPoints(link="probit", method=method, dynamics=walk).fit(record).tidy()
            table = table.astype({"period": int}).merge(truth, on=["member", "period"])
            sign = np.sign(table["estimate"].corr(table["truth"]))
            apart = (sign * table["estimate"] - table["truth"]).abs()
            within = [sign * part["estimate"].corr(part["truth"]) for _, part in table.groupby("period")]
            covered = (apart <= (table["conf_high"] - table["conf_low"]) / 2).mean()
            rows.append((covered, abs(table["estimate"].corr(table["truth"])), min(within)))
        covered, r, lowest = np.array(rows).T
        print(
            f"{n_courts} simulated courts, {method}: coverage {covered.mean():.3f}, r with the truth "
            f"{r.min():.3f} to {r.max():.3f}, lowest r within a term {lowest.min():.3f}"
        )


def fit_assembly(folder: Path) -> None:
    """Fit the General Assembly, and print its scale over time and the cost of the fit."""
    record = vs.read(folder)
    pairs = read_pairs(folder / "matches.csv", record.rollcalls.index)
    walk = vs.RandomWalk("session", items=pairs.kept, tau="estimate", delta_group=0.0)
    began, began_cpu = time.perf_counter(), time.process_time()
    fit = vs.IdealPoints(link="probit", method="marginal", dynamics=walk).fit(record)
    seconds, cpu = time.perf_counter() - began, time.process_time() - began_cpu
    spread = fit.tidy().groupby("period", sort=False)["estimate"].std().to_numpy()
    print(
        f"General Assembly: spread of the first over the last session {spread[0] / spread[-1]:.3f}, "
        f"sd of discriminations {fit.learned.discrimination:.3f}, tau {fit.tau:.4f}; {fit.mode.iterations} "
        f"sweeps, {seconds:.1f} s ({cpu:.1f} s of processor time), peak with standard errors "
        f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB; {fit!r}"
    )
    print(fit.scale_over_time())


def compare_dynamic_draws(folder: Path, first: int, last: int) -> None:
    """Print the differences of a marginal fit of some sessions of the General Assembly from draws."""
    every = vs.read(folder)
    session = every.rollcalls["session"].astype(int)
    record = every.select(rollcalls=list(every.rollcalls.index[(session >= first) & (session <= last)]))
    walk = vs.RandomWalk("session", tau="estimate", delta=0.0)
    spec = vs.IdealPoints(link="probit", dynamics=walk)
    fit = replace(spec, method="marginal").fit(record)
    draws = vs.sample(record, spec, draws=600, tune=400, chains=2, seed=1)
    both = fit.tidy().merge(draws.tidy(), on=["member", "period"], suffixes=("", "_drawn"))
    apart = (both["estimate"] - both["estimate_drawn"]) / both["std_error_drawn"]
    r = both["estimate"].corr(both["estimate_drawn"])
    print(
        f"General Assembly, sessions {first} to {last}: r {r:.5f}, "
        f"{np.sqrt(np.mean(apart**2)):.3f} posterior sd from the means of the draws, standard errors x "
        f"{(both['std_error'] / both['std_error_drawn']).mean():.3f} ({draws.verdict}, "
        f"{draws.reached['seconds']:.0f} s)"
    )


def main() -> None:
    """Run the comparisons."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--courts", type=int, default=5)
    parser.add_argument("--assembly", action="store_true")
    options = parser.parse_args()
    warnings.simplefilter("ignore", vs.BridgeWarning)
    if options.assembly:
        for first, last in ((23, 25), (50, 52)):
            compare_dynamic_draws(options.folder / "unga", first, last)
        fit_assembly(options.folder / "unga")
        return
    court = read_court(options.folder)
    compare_with_scores(court, options.folder)
    compare_with_draws("Senate 109", read_senate(options.folder, 109), "probit")
    compare_with_draws("court 1994-1997", court.between("1994", "1997"), "probit")
    compare_with_draws("Human Rights Council 2018-2021", vs.load_hrc().between("2018", "2021"), "logit")
    if options.courts:
        compare_with_truth(options.courts)


if __name__ == "__main__":
    main()
