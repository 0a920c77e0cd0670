"""Published results and voteshift's figures: python benchmarks/published.py FOLDER [--only NAME ...].

FOLDER holds `court` (votes.csv.xz, martin_quinn.csv) and `senate` (votes.csv.xz, members.csv), as packaged in
the R package emIRT, and for the General Assembly `unga` (votes, roll calls and matches.csv). The names are
court, senate, congress, replacement, council and assembly. Prints one row for each figure: the published
value and voteshift's. `--page docs/published.md` writes the rows to the page.

The General Assembly needs the authors' file of ideal points, a CSV file with the columns `iso3c`, `session`
and `IdealPointAll`: python benchmarks/published.py FOLDER --only assembly --scores FILE.
"""

import argparse
import json
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

import peers
import voteshift as vs
from voteshift.ideal import published
from voteshift.quantities import explain_chamber
from voteshift.readers import read_pairs

__all__ = ["RESULTS", "Figure", "assembly", "main", "table"]

REFERENCES = Path(__file__).parents[1] / "tests" / "references"
EU = frozenset(
    "AUT BEL BGR CYP CZE DEU DNK ESP EST FIN FRA GBR GRC HUN IRL ITA LTU LUX LVA MLT NLD POL PRT ROU SVK SVN "
    "SWE".split()
)
"""Members of the European Union from 2007 to 2010."""
LAST_SESSION, LAST_DAY = 13, "2010-06-01"
FIRST_TERM, LAST_TERM = 1937, 2013


@dataclass(frozen=True)
class Figure:
    """A figure of a published result, and voteshift's.

    Attributes
    ----------
    result, measure : str
        The result, and what is measured.
    published : str
        The published value; empty if there is none.
    value : float
        voteshift's value.
    decimals : int
        Decimals that are printed.
    """

    result: str
    measure: str
    published: str
    value: float
    decimals: int = 4


def read_record(path: Path, rollcall: list[str], member: str, period: str) -> vs.RollCalls:
    """Read a list of votes (1 and 0); `period` is a column of integers, and roll calls have no dates."""
    frame = pd.read_csv(path)
    frame["id"] = frame[rollcall].astype(str).agg("-".join, axis=1)
    wide = frame.pivot_table(index=member, columns="id", values="vote")
    votes = np.where(wide.isna(), int(vs.Vote.NOT_MEMBER), int(vs.Vote.YES) * wide.fillna(0)).astype(np.int8)
    periods = frame.drop_duplicates("id").set_index("id")[period].loc[wide.columns]
    members = pd.DataFrame(index=wide.index.astype(str))
    return vs.RollCalls(votes, members, periods.rename(period).to_frame())


def correlations(table: pd.DataFrame, score: str, by: str) -> tuple[float, float, float]:
    """Return the correlation with a score over all rows, and the median and the lowest within `by`."""
    pooled = table["estimate"].corr(table[score])
    within = [part["estimate"].corr(part[score]) for _, part in table.groupby(by)]
    return (
        abs(pooled),
        float(np.sign(pooled) * np.median(within)),
        float(min(np.sign(pooled) * np.array(within))),
    )


def court(folder: Path) -> list[Figure]:
    """Compare the model of Martin & Quinn with the Martin-Quinn scores."""
    record = read_record(folder / "court" / "votes.csv.xz", ["case"], "justice", "term")
    scores = pd.read_csv(folder / "court" / "martin_quinn.csv")
    model = published("martin-quinn-2002").spec

    def compare(spec: vs.IdealPoints, without: str = "") -> tuple[float, float, float]:
        positions = spec.fit(record).tidy().astype({"period": int})
        positions = positions[positions["member"] != without]
        both = positions.merge(scores, left_on=["member", "period"], right_on=["justice", "term"])
        return correlations(both, "martin_quinn", "term")

    pooled, within, lowest = compare(model)
    name = f"Martin-Quinn scores, {FIRST_TERM} to {LAST_TERM}"
    rows = [
        Figure(name, "correlation over justices and terms", "0.93 (emIRT::dynIRT)", pooled),
        Figure(name, "the same without Douglas", "0.96 (emIRT::dynIRT)", compare(model, "Douglas")[0]),
        Figure(name, "median correlation within terms", "", within),
        Figure(name, "lowest correlation within a term", "", lowest),
    ]
    for spread in (1.5, 2.5):
        priors = replace(model.priors, discrimination=spread)
        walk = replace(model.dynamics, tau=0.1**0.5 / spread)
        value = compare(replace(model, priors=priors, dynamics=walk))[0]
        measure = f"correlation, if the scores had standard deviation {spread:g}"
        rows.append(Figure(name, measure, "", value))
    learned = replace(model, priors=vs.Priors(), method="marginal")
    learned = replace(learned, dynamics=replace(model.dynamics, tau="estimate"))
    rows.append(Figure(name, "correlation, prior spreads and steps estimated", "", compare(learned)[0]))
    return rows


def match_names(members: pd.DataFrame, reference: pd.Index) -> dict[str, str]:
    """Return the name in the reference, such as "KYL (R AZ)", of each member: by surname, and by state."""
    surname = {name: re.sub(r" \(.*", "", name) for name in reference}
    states = {"NELSON  BEN": "NE", "NELSON": "FL"}
    matched = {}
    for member, name in zip(members["member"].astype(str), members["name"], strict=True):
        wanted = name if name in surname.values() else name.split()[0]
        candidates = [one for one, other in surname.items() if other == wanted]
        if len(candidates) > 1:
            candidates = [one for one in candidates if one.endswith(f" {states[name]})")]
        (matched[member],) = candidates
    return matched


def senate(folder: Path) -> list[Figure]:
    """Compare two models with pscl::ideal and MCMCpack in the 109th Senate and the Human Rights Council."""
    votes = pd.read_csv(folder / "senate" / "votes.csv.xz")
    votes = votes[votes["congress"] == 109]
    words = np.where(votes["vote"] == 1, "yes", "no")
    long = votes[["member", "rollcall"]].astype(str).assign(vote=words)
    members = pd.read_csv(folder / "senate" / "members.csv").query("congress == 109")
    records = {"109th Senate": ("s109", vs.RollCalls.from_long(long))}
    records["Human Rights Council, 2016 to 2021"] = ("hrc", peers.binary_record())
    rows = []
    for place, (short, record) in records.items():
        for model in ("clinton-jackman-rivers-2004", "imai-lo-olmsted-2016"):
            positions = published(model).spec.fit(record).tidy().set_index("member")["estimate"]
            for package in ("pscl", "mcmcpack"):
                stored = json.loads((REFERENCES / f"{package}_{short}.json").read_text(encoding="utf-8"))
                means = pd.DataFrame.from_dict(stored["positions"], orient="index", columns=["mean", "sd"])
                names = positions.index
                if short == "s109":
                    names = names.map(match_names(members, means.index))
                value = abs(float(np.corrcoef(positions, means["mean"].loc[names])[0, 1]))
                chains = f"{stored['correlation_between_chains']:.4f} between two chains"
                measure = f"correlation of {model} with {stored['package']} {stored['version']}"
                rows.append(Figure(place, measure, chains, value))
    return rows


def congress(folder: Path) -> list[Figure]:
    """Compare the static model with the first dimension of DW-NOMINATE, 80th to 110th Senate."""
    record = read_record(folder / "senate" / "votes.csv.xz", ["congress", "rollcall"], "member", "congress")
    scores = pd.read_csv(folder / "senate" / "members.csv").astype({"member": str})
    positions = published("imai-lo-olmsted-2016").spec.fit(record).tidy()
    both = positions.merge(scores, on="member")
    pooled, within, lowest = correlations(both, "dwnominate1", "congress")
    name = "DW-NOMINATE, first dimension, 80th to 110th Senate"
    return [
        Figure(name, "correlation over senators and congresses", "", pooled),
        Figure(name, "median correlation within congresses", "", within),
        Figure(name, "lowest correlation within a congress", "", lowest),
    ]


def replacement(folder: Path) -> list[Figure]:
    """Split the change of the spread of positions in the Senate, as Theriault (2006) splits polarization."""
    frame = pd.read_csv(folder / "senate" / "votes.csv.xz")
    member, ids = pd.factorize(frame["member"], sort=True)
    column, pairs = pd.factorize(frame["congress"] * 10_000 + frame["rollcall"], sort=True)
    votes = np.full((len(ids), len(pairs)), int(vs.Vote.NOT_MEMBER), dtype=np.int8)
    votes[member, column] = int(vs.Vote.YES) * frame["vote"]
    periods = pd.DataFrame({"congress": pairs // 10_000}, index=pairs.astype(str))
    record = vs.RollCalls(votes, pd.DataFrame(index=ids.astype(str)), periods)
    fit = vs.IdealPoints(dynamics=vs.RandomWalk("congress", delta=0.0), method="mode").fit(record)
    rows = []
    for before, after, published_shares in (
        ("93", "108", ("about 0.67", "about 0.33")),
        ("80", "93", ("", "")),
        ("80", "110", ("", "")),
    ):
        parts = explain_chamber(fit, "spread", before, after).tidy().iloc[:3].set_index("part")
        name = f"Theriault, spread of the Senate, congress {before} to {after}"
        total = parts["estimate"]["change"]
        rows.append(Figure(name, "change of the standard deviation", "", total, 2))
        for part, share in zip(("replacement", "movement"), published_shares, strict=True):
            row = parts.loc[part]
            rows.append(Figure(name, f"{part}, share of the change", share, row["estimate"] / total, 2))
            for end in ("conf_low", "conf_high"):
                word = "lower" if end == "conf_low" else "upper"
                rows.append(Figure(name, f"{part}, {word} end of the 90% interval", "", row[end], 2))
    return rows


def council(folder: Path) -> list[Figure]:  # noqa: ARG001  the record is bundled
    """Compare two models with Hug & Lukacs: recorded votes of the Human Rights Council."""
    whole = vs.load_hrc(include_unreconciled=True)
    frame = whole.rollcalls
    number = pd.to_numeric(frame["session"], errors="coerce")  # special sessions have names such as S-1
    ids = list(frame.index[(number <= LAST_SESSION) & (frame["date"] < LAST_DAY)])
    record = whole.select(rollcalls=ids)
    name = "Hug & Lukacs, Human Rights Council, sessions 1 to 13"
    rows = [Figure(name, "recorded votes", "70", len(ids), 0)]
    for model in ("imai-lo-olmsted-2016", "clinton-jackman-rivers-2004"):
        table = replace(published(model).spec, polarity="FRA").fit(record).tidy()
        inside = table["member"].isin(EU)
        rank = table["estimate"].rank(ascending=False)
        if len(rows) == 1:
            rows.append(Figure(name, "members of the European Union that voted", "13", int(inside.sum()), 0))
        mean, other = table["estimate"][inside].mean(), table["estimate"][~inside].mean()
        rows += [
            Figure(name, f"mean of these members, {model}", "1.27", mean, 2),
            Figure(name, f"mean of all others, {model}", "-0.32", other, 2),
            Figure(name, f"lowest rank of these members, {model}", "", rank[inside].max(), 0),
        ]
    return rows


RESULTS: dict[str, Callable[[Path], list[Figure]]] = {
    "court": court,
    "senate": senate,
    "congress": congress,
    "replacement": replacement,
    "council": council,
}


def assembly(folder: Path, scores: Path) -> list[Figure]:
    """Compare the model of Bailey, Strezhnev & Voeten with the authors' ideal points."""
    theirs = pd.read_csv(scores)
    for column in ("iso3c", "session", "IdealPointAll"):
        if column not in theirs.columns:
            raise SystemExit(
                f"{scores} has no column {column!r}; its columns are {', '.join(theirs.columns)}"
            )
    record = vs.read(folder / "unga")
    pairs = read_pairs(folder / "unga" / "matches.csv", record.rollcalls.index).kept
    model = published("bailey-strezhnev-voeten-2017").spec
    walk = replace(model.dynamics, bridge=None, items=pairs)
    fit = replace(model, polarity="USA", dynamics=walk).fit(record)
    positions = fit.tidy().astype({"period": int})
    both = positions.merge(theirs, left_on=["member", "period"], right_on=["iso3c", "session"])
    both = both.dropna(subset="IdealPointAll")
    pooled, within, lowest = correlations(both, "IdealPointAll", "session")
    name = f"Bailey, Strezhnev & Voeten, General Assembly ({'' if fit.converged else 'not '}converged)"
    return [
        Figure(name, f"correlation over {len(both)} states and sessions", "", pooled),
        Figure(name, "median correlation within sessions", "", within),
        Figure(name, "lowest correlation within a session", "", lowest),
    ]


def table(figures: list[Figure]) -> str:
    """Return figures as a table in Markdown."""
    lines = ["| result | measure | published | voteshift |", "|---|---|---|---|"]
    before = ""
    for row in figures:
        value = f"{row.value:.{row.decimals}f}"
        result = row.result if row.result != before else ""
        lines.append(f"| {result} | {row.measure} | {row.published} | {value} |")
        before = row.result
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    """Print the figures, or write them to the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", nargs="+", choices=[*RESULTS, "assembly"], default=list(RESULTS))
    parser.add_argument("--scores", type=Path, help="the authors' ideal points of the General Assembly")
    parser.add_argument("--page", type=Path, help="page whose tables are replaced")
    options = parser.parse_args(arguments)
    warnings.simplefilter("ignore", vs.BridgeWarning)
    for name in options.only:
        if name == "assembly":
            if options.scores is None:
                parser.error("assembly needs --scores FILE, the authors' ideal points")
            figures = assembly(options.folder, options.scores)
        else:
            figures = RESULTS[name](options.folder)
        written = table(figures)
        print(f"{name}\n\n{written}\n", flush=True)
        if options.page is not None and name != "assembly":
            text = options.page.read_text(encoding="utf-8")
            begin, end = (text.index(f"<!-- {mark}{name} -->") for mark in ("", "/"))
            begin += len(f"<!-- {name} -->\n")
            options.page.write_text(f"{text[:begin]}{written}\n{text[end:]}", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
