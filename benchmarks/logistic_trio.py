"""The kinds of states that moved: the three votes of the default family, for docs/logistic.md.

    python benchmarks/logistic_trio.py [--out FILE] [--picture FILE]

Covariates are the bundled ones: voice and accountability, and GDP per head. Votes are given the values of the
year before.
"""

import argparse
import json
import platform
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import voteshift as vs
from voteshift.datasets import load_covariates
from voteshift.logistic import MemberBootstrap, compare, influence, proportional_odds

FAMILY = "mutually-beneficial-cooperation"
FIRST, SECOND, THIRD = "A/HRC/RES/37/23", "A/HRC/RES/43/21", "A/HRC/RES/46/13"
HERE = Path(__file__).parent
DRAWS = 999


def build() -> vs.logistic.Panel:
    """Return the panel of the three votes with the bundled covariates."""
    return vs.panel(vs.load_hrc(), FAMILY, covariates=load_covariates(), lag=1)


def rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return records fit for JSON: six digits, None for nothing."""
    plain = frame.astype(object).where(frame.notna(), None)
    return [
        {key: round(value, 6) if isinstance(value, float) else value for key, value in row.items()}
        for row in plain.to_dict("records")
    ]


def survives(formula: str, panel: vs.logistic.Panel) -> dict[str, Any]:
    """Compare the intervals of every method, and drop each member in turn."""
    result = vs.logit(formula, panel, missing="drop")
    firth = vs.logit(formula, panel, model="firth", missing="drop")
    profile = firth.profile_int().set_index("term")
    dropped = influence(result).groupby("term")
    table = result.tidy()[["term", "label", "estimate", "conf_low", "conf_high", "p_value"]]
    if not result.penalised:
        naive = vs.logit(formula, panel, missing="drop", errors="naive").conf_int()
        table["wald_low"], table["wald_high"] = naive[0].to_numpy(), naive[1].to_numpy()
        table["score_p"] = [result.score_test(term, n_draws=9999) for term in result.names]
    table["firth"] = firth.estimate
    table["firth_low"] = profile["conf_low"].to_numpy()
    table["firth_high"] = profile["conf_high"].to_numpy()
    table["dropped_low"] = dropped["estimate"].min()[list(result.names)].to_numpy()
    table["dropped_high"] = dropped["estimate"].max()[list(result.names)].to_numpy()
    return {
        "formula": formula,
        "model": result.model,
        "n": result.nobs,
        "n_clusters": result.n_clusters,
        "terms": rows(table),
        "verdict_hangs_on": [
            {"term": row.term, "left_out": row.left_out}
            for row in influence(result).query("changes_verdict").itertuples()
        ],
        "notes": list(result.notes),
    }


def split(panel: vs.logistic.Panel, old: str, new: str) -> dict[str, Any]:
    """Decompose one step: the three shares together by voice, and yes alone by voice and GDP per head."""
    options: dict[str, Any] = {"missing": "drop", "bootstrap": MemberBootstrap(DRAWS)}
    three = vs.logistic.decompose("vote ~ voice", panel, old, new, model="multinomial", **options)
    yes = vs.logistic.decompose("yes ~ voice + log(gdp_per_head)", panel, old, new, **options)
    return {
        "from": old,
        "to": new,
        "parts": rows(three.tidy()),
        "notes": list(three.notes),
        "yes": rows(yes.tidy()),
        "yes_notes": list(yes.notes),
    }


def moved(panel: vs.logistic.Panel) -> dict[str, Any]:
    """Ask who of the abstainers of 2018 that sat again voted no in 2020."""
    among = panel.transitions(FIRST, SECOND, origin="abstain", to="no")
    result = vs.logit("moved ~ voice", among)
    return {
        "n": result.nobs,
        "moved": int(result.design.y.sum()),
        "terms": rows(result.tidy()),
        "profile": rows(result.profile_int()),
        "notes": list(result.notes),
    }


def draw(effects: Any, path: Path) -> None:
    """Draw the effects of voice vote by vote."""
    import matplotlib as mpl

    mpl.use("agg")
    from matplotlib import pyplot as plt

    _, ax = plt.subplots(figsize=(7.0, 3.2), layout="constrained")
    effects.plot(ax=ax)
    ax.set_yticks(range(3), ["2018", "2020", "2021"])
    ax.set_xlabel("change in probability per unit of voice and accountability, 90 % interval")
    plt.savefig(path, dpi=150)


def main() -> None:
    """Fit everything and write the file."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--out", type=Path, default=HERE / "logistic_trio.json")
    parser.add_argument("--picture", type=Path)
    arguments = parser.parse_args()
    panel = build()
    whole = vs.logit("vote ~ C(version) * voice", panel, model="multinomial", missing="drop")
    by_vote = whole.effects("voice", by="version")
    formulas = {
        "votes alone": "yes ~ C(version)",
        "voice": "yes ~ C(version) + voice",
        "voice, another slope each time": "yes ~ C(version) * voice",
        "voice and GDP per head": "yes ~ C(version) + voice + log(gdp_per_head)",
        "regional groups": "yes ~ C(version) + C(group)",
        "voice and regional groups": "yes ~ C(version) + voice + C(group)",
    }
    complete = vs.logistic.Panel(
        panel.frame.dropna(subset=["voice", "gdp_per_head"]).reset_index(drop=True),
        panel.unmatched,
        panel.left_out,
        (),
    )
    fits = {name: vs.logit(formula, complete) for name, formula in formulas.items()}
    ordered = vs.logit("vote ~ C(version) + voice", panel, model="ordered", missing="drop")
    document = {
        "made_by": "benchmarks/logistic_trio.py",
        "versions": {
            "voteshift": vs.__version__,
            "python": platform.python_version(),
            "numpy": np.__version__,
        },
        "level": 0.9,
        "panel": {"votes": len(panel.frame), "members": int(panel.frame["member"].nunique())},
        "survives": [survives(formula, panel) for formula in list(formulas.values())[1:]],
        "compare": {"n": len(complete.frame), "table": rows(compare(fits))},
        "effects_by_vote": {"rows": rows(by_vote.tidy()), "notes": list(whole.notes)},
        "proportional_odds": rows(proportional_odds(ordered)),
        "moved": moved(panel),
        "split": [split(panel, FIRST, SECOND), split(panel, SECOND, THIRD), split(panel, FIRST, THIRD)],
    }
    arguments.out.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if arguments.picture is not None:
        draw(by_vote, arguments.picture)


if __name__ == "__main__":
    main()
