"""Specification and votes of a fit, used to fit the same model again."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from voteshift.errors import NotUsableError
from voteshift.ideal.dynamic.objective import dynamic_log_posterior
from voteshift.ideal.dynamic.results import DynamicFit
from voteshift.ideal.dynamic.spec import RandomWalk
from voteshift.ideal.dynamic.tau import TauEstimate
from voteshift.ideal.interface import Fit
from voteshift.ideal.objective import log_posterior
from voteshift.ideal.results import IdealFit
from voteshift.ideal.spec import IdealPoints
from voteshift.rollcalls import RollCalls
from voteshift.votes import Vote

__all__ = ["describes_votes", "specification_of", "votes_of"]

#: Relative difference of two log posteriors that are the same: the sums of a mirrored point are rounded
#: differently.
_SAME_VALUE = 1e-9


def specification_of(
    fit: Fit, without: Sequence[str] = (), *, items: Mapping[str, str] | None = None
) -> IdealPoints:
    """Return the specification of a fit, with the items that its roll calls share.

    Parameters
    ----------
    fit : Fit
        A fit at the mode. If the fit estimated tau, tau is fixed at the estimate in the specification. The
        specification does not contain `polarity` and `target`.
    without : sequence of str
        Ids of the roll calls that are left out.
    items : mapping of str to str, optional
        Item of every roll call that shares an item. These items replace the items of the fit.

    Raises
    ------
    NotUsableError
        If the fit is not a fit at the mode.
    """
    if not isinstance(fit, (IdealFit, DynamicFit)):
        raise NotUsableError("only an IdealFit or a DynamicFit can be fitted again without a resolution")
    # The member that sets the direction may cast no vote in the remaining roll calls.
    spec = replace(fit.spec, polarity=None, target=None)
    if not isinstance(fit, DynamicFit):
        return spec
    by_rollcall = pd.Series(fit.encoded.items, index=fit.rollcall_ids)
    shared = by_rollcall if items is None else pd.Series(items, dtype=object)
    shared = shared.drop(list(without), errors="ignore")
    shared = shared[shared.duplicated(keep=False)]
    dynamics = RandomWalk(
        fit.encoded.periods.name,
        items=shared.to_dict() if len(shared) else None,
        tau=fit.tau.tau if isinstance(fit.tau, TauEstimate) else fit.tau,
        delta=fit.delta,
        groups=_groups_of(fit),
        delta_group=fit.delta_group,
    )
    return replace(spec, dynamics=dynamics)


def _groups_of(fit: DynamicFit) -> dict[str, str] | None:
    """Return the group of each fitted member that has one; None if groups have no step."""
    if not fit.groups:
        return None
    of_member = zip(fit.member_ids, fit.model.walk.groups, strict=True)
    return {str(member): fit.groups[rank] for member, rank in of_member if rank >= 0}


def votes_of(fit: Fit, rollcalls: RollCalls, without: Sequence[str] = ()) -> RollCalls:
    """Return the votes of a fit as a record, without some roll calls.

    Parameters
    ----------
    fit : Fit
        The fit whose votes are returned.
    rollcalls : RollCalls
        The record that was fitted. If the model has periods, the dates and periods of roll calls and the
        groups of members are taken from this record. If positions have covariates, all columns of members
        and the dates are.
    without : sequence of str
        Ids of the roll calls that are left out.
    """
    kept = ~fit.rollcall_ids.isin(list(without))
    votes = fit.votes[:, kept]
    frame, members = pd.DataFrame(index=fit.rollcall_ids[kept]), pd.DataFrame(index=fit.member_ids)
    if fit.period_name is not None:
        wanted = {"date", "session", fit.period_name} & set(rollcalls.rollcalls.columns)
        frame = rollcalls.rollcalls.loc[frame.index, sorted(wanted)]
        if "group" in rollcalls.members.columns:  # tau may be fixed by group
            members = rollcalls.members.loc[fit.member_ids, ["group"]]
    if fit.spec.priors.covariates is not None:  # then there is one period
        frame = rollcalls.rollcalls.reindex(columns=["date"]).loc[frame.index]
        members = rollcalls.members.loc[fit.member_ids]
    return RollCalls(np.where(votes < 0, np.int8(Vote.NOT_MEMBER), votes), members, frame)


def describes_votes(fit: Any, rollcalls: RollCalls) -> bool:
    """Return True if an object is a fit of these votes and its log posterior is correct for these votes.

    Parameters
    ----------
    fit : object
        Any object, because it was read from a file.
    rollcalls : RollCalls
        The votes.
    """
    if not isinstance(fit, (IdealFit, DynamicFit)):
        return False
    rows = rollcalls.members.index.get_indexer(fit.member_ids)
    columns = rollcalls.rollcalls.index.get_indexer(fit.rollcall_ids)
    recorded = rollcalls.votes[np.ix_(rows, columns)]
    if (
        min(rows.min(), columns.min()) < 0
        or not np.array_equal(fit.votes, np.where(recorded >= 0, recorded, -1))
        or not np.array_equal(fit.model.design.codes, fit.encoded.design.codes)
    ):
        return False
    evaluated = (
        dynamic_log_posterior(fit.model, fit.mode.point)
        if isinstance(fit, DynamicFit)
        else log_posterior(fit.model, fit.mode.point)
    )
    return bool(np.isclose(evaluated.value, fit.mode.objective, rtol=_SAME_VALUE, atol=0))
