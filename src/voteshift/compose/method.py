"""The sections on sources and method: the contents of the record, and how the report was made."""

import hashlib
import platform
from importlib.metadata import version

import pandas as pd

from voteshift import plots
from voteshift.compose.contents import Block, Items, Picture, Section, Table, Text, written
from voteshift.compose.findings import Findings
from voteshift.datasets import hrc_notice
from voteshift.rollcalls import RollCalls
from voteshift.shift.wording import model_words
from voteshift.store import find_categories, iterate_rows

__all__ = ["describe_method", "fingerprint", "making", "the_record"]

#: The caution on the Human Rights Council, and the caution on all other records.
_CONSENSUS = (
    "The record does not contain resolutions adopted without a vote. Roll calls are the contested "
    "minority of the resolutions that a council adopts, and positions describe votes in this minority "
    "only. If this resolution was ever adopted by consensus, this adoption is not among the versions."
)
_NO_VOTE = "The record does not contain decisions without a roll call. Positions describe roll calls only."
_PACKAGES = ("voteshift", "numpy", "scipy", "pandas", "numba", "statsmodels", "matplotlib")


def the_record(findings: Findings) -> Section:
    """Describe the record and its gaps."""
    record, why = findings.why.record, findings.why
    frame = record.rollcalls
    contested = find_categories(record.store).sum(axis=1) > 1
    dates = frame["date"].dropna()
    blocks: list[Block] = [
        Text(
            f"The record{f' ({record.source})' if record.source else ''} contains {len(frame)} roll calls "
            f"of {len(record.members)} members"
            + (f", {dates.min():%Y-%m-%d} to {dates.max():%Y-%m-%d}" if len(dates) else "")
            + f". In {int(contested.sum())} of these roll calls, not all votes cast were the same. "
            + (_CONSENSUS if findings.of_council else _NO_VOTE)
        )
    ]
    unsound = int((~frame["reconciled"].astype(bool)).sum()) if "reconciled" in frame.columns else 0
    if unsound:
        blocks.append(
            Text(f"{unsound} of these roll calls list votes that contradict their declared totals.")
        )
    if why.fit is not None and why.window is not None:
        blocks.append(_window(findings, pd.Series(contested, index=frame.index)))
        lost = why.fit.uncontested
        blocks.append(
            Text(
                f"The model was fitted to {why.fit.n_rollcalls} contested roll calls from "
                f"{why.window[0]} to {why.window[1]}. {len(lost)} roll calls in which all votes cast were "
                "the same contain no information on positions and were left out."
                + (
                    " Where figures include member effects, positions are estimated from the same roll calls "
                    "without this resolution. The votes on this resolution determine its items and the "
                    "member effects."
                    if findings.why.has_effect
                    else ""
                )
            )
        )
    if len(record.families()):
        blocks.append(
            Picture(
                "timelines",
                lambda: plots.timelines(findings.own, highlight=why.family),
                alt="Every resolution of the record that came back, over time; this resolution is in bold.",
                caption=(
                    "Every resolution that came back. Each bar is one vote. From the bottom up, each bar "
                    "shows the shares of yes, abstain and no."
                ),
            )
        )
    return Section("record", "Contents and gaps of the record", tuple(blocks))


def _window(findings: Findings, contested: pd.Series) -> Table:
    fit = findings.why.fit
    frame = findings.why.record.rollcalls
    fitted = frame.index.isin(fit.rollcall_ids if fit is not None else [])
    first, last = frame.loc[fitted, "date"].min(), frame.loc[fitted, "date"].max()
    inside = frame[(frame["date"] >= first) & (frame["date"] <= last)]
    rows = []
    for year, part in inside.groupby(inside["date"].dt.year):
        is_focal = part["family"] == findings.why.family
        rows.append(
            (
                int(year),
                len(part),
                int(contested[part.index].sum()),
                int(part["amendment"].astype(bool).sum()),
                int(is_focal.sum()) or "",
            )
        )
    return Table(
        "Roll calls in the years of the model",
        ("year", "roll calls", "contested", "on amendments", "on this resolution"),
        written(rows),
    )


def making(findings: Findings, command: str) -> Section:
    """Describe how the report was made, so that it can be reproduced."""
    why = findings.why
    blocks: list[Block] = [
        Text(f"Made by: {command}"),
        Items(
            (
                f"Software versions: Python {platform.python_version()}, "
                + ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
                + ".",
                f"Record: SHA-256 {fingerprint(findings.why.record)}, computed from ids, dates and votes.",
                f"Intervals cover {100 * why.level:g}%, from {why.draws.n} draws with seed {why.draws.seed}. "
                "The same record, seed and software versions give the same file, byte for byte.",
                *_fit(findings),
            )
        ),
    ]
    if findings.of_council:
        blocks.append(Items(hrc_notice()))
    return Section("making", "How this was made", tuple(blocks))


def describe_method(findings: Findings) -> Section:
    """Write the model, its fit and the draws behind the intervals."""
    why = findings.why
    draws = f"Intervals cover {100 * why.level:g}%, from {why.draws.n} draws with seed {why.draws.seed}."
    return Section(
        "method", "How this was made", (Items((*_fit(findings), draws, "Nothing here is causal.")),)
    )


def _fit(findings: Findings) -> list[str]:
    fit = findings.why.fit
    if fit is None:
        return ["No model was fitted for these votes."]
    return [
        f"Model: {model_words(fit, findings.why.member_effect)}.",
        f"Fit: {fit.n_members} members, {fit.n_rollcalls} roll calls; "
        f"{'converged' if fit.converged else 'NOT CONVERGED'}, {fit.verdict}. Scale: {fit.scale}; "
        f"{fit.direction}.",
    ]


def fingerprint(record: RollCalls) -> str:
    """Return a digest of ids, dates and votes: equal records have the same digest."""
    digest = hashlib.sha256()
    frame = record.rollcalls
    for names in (record.members.index, frame.index, frame["date"].astype(str)):
        digest.update("\x1f".join(map(str, names)).encode() + b"\x1e")
    for row in iterate_rows(record.store):
        digest.update(row)
    return digest.hexdigest()
