"""Mixed second derivatives between positions and items: the border of the arrow-shaped information matrix."""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from voteshift.likelihood.design import Design
from voteshift.likelihood.passes import THIN
from voteshift.likelihood.reference import Information, cross_information_reference
from voteshift.likelihood.terms import AnyLink, Link

__all__ = ["cross_information"]

Floats = NDArray[np.float64]


@functools.cache
def _kernel(link: Link) -> Callable[..., Any]:
    from voteshift.likelihood import kernels_logit, kernels_probit
    from voteshift.likelihood.blocks import cross_signature
    from voteshift.likelihood.compiling import compiled

    function = {"logit": kernels_logit.cross, "probit": kernels_probit.cross}[link]
    return compiled(function, cross_signature())  # type: ignore[no-untyped-call]


def cross_information(
    design: Design,
    positions: Floats,
    discriminations: Floats,
    cutpoints: Floats,
    *,
    columns: slice | NDArray[np.intp] = slice(None),
    members: NDArray[np.intp] | None = None,
    link: AnyLink = "logit",
    information: Information = "observed",
) -> Floats:
    """Return minus the mixed second derivatives between positions and items, vote by vote.

    Parameters
    ----------
    design, positions, discriminations, cutpoints
        As in `evaluate`.
    columns : slice or ndarray of int
        The roll calls to evaluate. If there are many members and roll calls, call the function on parts of
        the roll calls.
    members : ndarray of int, optional
        The members to evaluate; all by default.
    link : {"logit", "probit"} or Noise
        Distribution of the noise.
    information : {"observed", "expected"}
        The observed information contains the score on its diagonal, because eta is a product. The expected
        information does not contain the score.

    Returns
    -------
    ndarray, shape (n_members, n_columns, n_dims, n_dims + 2)
        Each block is between the position of a member in the period of a roll call and the parameters of its
        item (discriminations, first cutpoint, second cutpoint). Blocks are 0 if no vote was cast.
    """
    if not isinstance(link, str):
        whole = cross_information_reference(
            design, positions, discriminations, cutpoints, columns=columns, link=link, information=information
        )
        return whole if members is None else whole[members]
    item, codes = design.item[columns], design.part(columns, members)
    every = positions
    if members is not None:
        positions = positions[:, members]
    three = (design.n_categories == 3)[item]
    n_dims = positions.shape[2]
    out = np.empty((*codes.shape, n_dims, n_dims + 2))
    point = tuple(np.ascontiguousarray(part, np.float64) for part in (positions, discriminations, cutpoints))
    _kernel(link)(
        codes,
        np.ascontiguousarray(design.period[columns]),
        np.ascontiguousarray(item),
        three,
        *point,
        not three.any(),
        information == "expected",
        out,
    )
    if link == "probit" and three.any():
        chosen = np.arange(design.n_rollcalls)[columns]
        for slot in np.flatnonzero(three & (cutpoints[item, 1] - cutpoints[item, 0] < THIN)):
            # The middle of the normal between such cutpoints is left to the reference.
            one = slice(chosen[slot], chosen[slot] + 1)
            whole = cross_information_reference(
                design, every, *point[1:], columns=one, link=link, information=information
            )[:, 0]
            out[:, slot] = whole if members is None else whole[members]
    return out
