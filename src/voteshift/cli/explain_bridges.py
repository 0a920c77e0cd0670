"""The three ways to hold bridges in an explanation: as JSON, as rows and as lines for people."""

from typing import Any

from voteshift.checks.leave_one_out import LeaveOut
from voteshift.checks.split_bridges import Splitting
from voteshift.ideal.dynamic.results import DynamicFit
from voteshift.shift.explanation import Explanation, Step
from voteshift.votes import CAST
from voteshift.writing import signed

__all__ = ["bridges_document", "bridges_lines", "range_rows", "three_ways_document"]

_SHOWN = 10
_TOLD = "`--leave-out` (in Python leave_out=True)"


def three_ways_document(why: Explanation, step: Step, split: dict[str, Any] | None) -> dict[str, Any]:
    """Return what the parts of a step are after splitting and with one left out at a time.

    Parameters
    ----------
    why, step : Explanation and Step
        A step whose positions and resolution are told apart.
    split : dict or None
        The parts after splitting in the form of the model's, if something was split.
    """
    nothing = why.splitting if isinstance(why.splitting, str) else "no bridge was rejected"
    left_out: dict[str, Any] = {"not_run": f"{_TOLD} runs it"}
    if isinstance(why.left_out, str):
        left_out = {"unavailable": why.left_out}
    elif step.ranges is not None:
        left_out = {}
        for row in step.ranges.itertuples(index=False):
            left_out.setdefault(str(row.component), {})[row.category] = {
                "estimate": float(row.estimate),
                "lowest": float(row.lowest),
                "without_lowest": row.without_lowest,
                "highest": float(row.highest),
                "without_highest": row.without_highest,
            }
    return {
        "after_splitting": {"unavailable": nothing} if split is None else split,
        "leave_one_out": left_out,
        "sign_changes": [
            {"component": change.component, "category": change.category, "found": dict(change.found)}
            for change in step.sign_changes
        ],
    }


def bridges_document(why: Explanation) -> dict[str, Any] | None:
    """Return the screen of the bridges, and what was left out."""
    if why.splitting is None:
        return None
    document: dict[str, Any] = {}
    if isinstance(why.splitting, Splitting):
        table = why.splitting.constancy.table
        document |= {
            "pairs": len(table),
            "significance": why.splitting.constancy.level,
            "split": [
                {
                    "item": row.item,
                    "from_id": row.old,
                    "to_id": row.new,
                    "statistic": float(row.statistic),
                    "df": int(row.df),
                    "p_value": float(row.p_value),
                    "p_holm": float(row.p_holm),
                }
                for row in table[table["rejected"]].itertuples()
            ],
        }
    else:
        document["unavailable"] = why.splitting
    if isinstance(why.left_out, LeaveOut):
        table = why.left_out.table
        chosen = table.loc[table["kind"] != "none", ["kind", "left_out"]].drop_duplicates()
        document["left_out"] = {
            "families": sorted(chosen.loc[chosen["kind"] == "family", "left_out"]),
            "subjects": sorted(chosen.loc[chosen["kind"] == "subject", "left_out"]),
            "impossible": why.left_out.why_not,
            "draws": why.left_out.n_draws,
            "simulation_error": why.left_out.simulation_error,
        }
    return document


def range_rows(step: Step) -> list[tuple[str, ...]]:
    """Return a row for every part: its range without single families and subjects."""
    if step.ranges is None:
        return []
    rows = []
    ranges = step.ranges.set_index(["component", "category"])
    for part in dict.fromkeys(step.ranges["component"]):
        cells = [ranges.loc[(part, name)] for name in CAST]
        ends = (f"{signed(cell['lowest'], 1)} to {signed(cell['highest'], 1)}" for cell in cells)
        rows.append((f"  leaving out one: {part}", *ends))
    return rows


def bridges_lines(why: Explanation) -> list[str]:
    """Say how many bridges were screened, which were split, and what was or was not left out."""
    if why.splitting is None:
        return []
    lines = []
    if isinstance(why.splitting, Splitting):
        screen, split = why.splitting.constancy, why.splitting.rejected
        said = (
            f"Bridges: {len(screen.table)} pairs of neighbouring iterations screened, positions held; "
            f"{len(split)} rejected at {screen.level:g} after Holm's adjustment"
        )
        if split:
            named = [f"{item.removeprefix('family ')} ({old} to {new})" for item, old, new in split[:_SHOWN]]
            more = f" and {len(split) - _SHOWN} more" if len(split) > _SHOWN else ""
            said += f" and split: {', '.join(named)}{more}. A screen, not a test to publish"
        else:
            said += ", so that splitting changes nothing"
        lines.append(f"{said}.")
    else:
        lines.append(f"Bridges were not screened: {why.splitting}.")
    if isinstance(why.left_out, LeaveOut):
        table = why.left_out.table
        chosen = table.loc[table["kind"] != "none", ["kind", "left_out"]].drop_duplicates()
        counts = chosen["kind"].value_counts()
        lines.append(
            f"Left out one at a time: {counts.get('family', 0)} families and {counts.get('subject', 0)} "
            f"subjects with five or more roll calls; {why.left_out.n_draws} draws each, simulation error of "
            f"an estimate at most {why.left_out.simulation_error:.2f}."
        )
        lines += [f"Not left out: {name}: {reason}." for name, reason in why.left_out.why_not.items()]
    elif isinstance(why.left_out, str):
        lines.append(f"Nothing was left out: {why.left_out}.")
    elif isinstance(why.fit, DynamicFit) and why.tallies is not None:
        lines.append(
            "Not run: how far the parts range without single families and subjects, a fit for each; "
            f"{_TOLD} runs it."
        )
    return lines
