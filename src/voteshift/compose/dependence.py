"""The sections of the checks on dependence: on groups, a further dimension and the ends of the scale."""

from typing import Final

from voteshift.checks.dimensions import Dimensions
from voteshift.checks.ends_together import EndsTogether
from voteshift.checks.group_dependence import LARGE_Q3, GroupDependence
from voteshift.compose.contents import Block, Section, Table, Text, written
from voteshift.compose.findings import Findings
from voteshift.labels import group_name
from voteshift.writing import NONE, interval, number, signed

__all__ = ["dimensions_section", "ends_section", "group_section"]

_AT_AN_END: Final = 5  # members in the table at each end of a dimension


def group_section(findings: Findings) -> Section:
    """Show how much the members of groups vote together beyond their positions."""
    result, title = findings.results["group_dependence"], "Do the members of a group vote together?"
    if not isinstance(result, GroupDependence):
        return Section("groups", title, (Text(f"Not tested: {result}."),))
    within = result.within.set_index("group")
    cohesion = result.cohesion.set_index("group")
    rows = [
        (
            group_name(str(group)),
            number(row["observed"], 2),
            number(row["estimate"], 2),
            interval(row["conf_low"], row["conf_high"], 2),
            signed(within.loc[group, "estimate"], 2) if group in within.index else NONE,
            f"{100 * within.loc[group, 'share_large']:.0f}%" if group in within.index else NONE,
        )
        for group, row in cohesion.iterrows()
    ]
    blocks: list[Block] = [
        Text(
            "The model treats votes as independent given positions. If the members of a group vote together "
            "more often, their cohesion is above its predictive interval and their residuals are correlated."
        ),
        Table(
            "Cohesion of groups, and mean residual correlation of two members of a group",
            ("group", "cohesion", "model", "interval", "residual correlation", f"above {LARGE_Q3:g}"),
            written(rows),
        ),
        Text(
            "Cohesion is the mean agreement index over all roll calls of the fit. Its predictive interval "
            f"covers {100 * result.level:g}% of {result.n_draws} draws. The residual correlation is Yen's "
            "Q3: the correlation of two members' residuals over their common roll calls. "
            f"The last column is the share of pairs of members with a correlation above {LARGE_Q3:g}."
            f"{result.describe_between()}"
        ),
    ]
    blocks += [Text(line) for line in result.failures.values()]
    return Section("groups", title, tuple(blocks))


def dimensions_section(findings: Findings) -> Section:
    """Show whether the votes depend on a further dimension, and the members at its ends."""
    result, title = findings.results["dimensions"], "Are more dimensions needed?"
    if not isinstance(result, Dimensions):
        return Section("dimensions", title, (Text(f"Not tested: {result}."),))
    low, high = result.list_ends(_AT_AN_END)
    rows = [
        (name, signed(position, 2), other, signed(place, 2))
        for (name, position), (other, place) in zip(low, high, strict=True)
    ]
    blocks: list[Block] = [
        Text(
            f"The check estimates the {result.further} of all other votes, without the votes on this "
            f"resolution. It then tests whether the votes on this resolution depend on it. {result.text}"
        ),
        Table(
            f"{result.members.capitalize()} at the ends of the {result.further}, among those that voted",
            ("less often yes", "position", "more often yes", "position"),
            written(rows),
        ),
        Text(
            "All versions share the discrimination. Its standard error is the standard deviation over "
            f"replicates in which it is 0. If the other votes have no {result.further}, these positions are "
            "noise, and the votes on this resolution do not depend on them."
        ),
    ]
    blocks += [Text(line) for line in result.failures.values()]
    return Section("dimensions", title, tuple(blocks))


def ends_section(findings: Findings) -> Section:
    """Show whether members at both ends of the scale vote together against the middle."""
    result, title = findings.results["ends_together"], "Do both ends vote together against the middle?"
    if not isinstance(result, EndsTogether):
        return Section("ends", title, (Text(f"Not tested: {result}."),))
    return Section("ends", title, tuple(map(Text, (result.text, *result.failures.values()))))
