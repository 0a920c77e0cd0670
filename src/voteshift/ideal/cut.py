"""Cut fits: positions from some roll calls, and items of held-out roll calls on the same scale."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from voteshift.errors import NotUsableError, UsageError
from voteshift.ideal.encode import encode
from voteshift.ideal.laplace import Laplace
from voteshift.ideal.objective import Model, Point, item_information, log_posterior
from voteshift.ideal.results import IdealFit
from voteshift.ideal.spec import IdealPoints
from voteshift.likelihood import Design
from voteshift.rollcalls import RollCalls

__all__ = ["CutFit", "fit_cut"]

Floats = NDArray[np.float64]
_STEPS = 200
_TOLERANCE = 1e-8


@dataclass(frozen=True, eq=False)
class CutFit(IdealFit):
    """A fit whose positions use only the roll calls that were not held out.

    Attributes
    ----------
    held_out : tuple of str
        Ids of roll calls that did not inform the positions. Their items were estimated afterwards, given the
        positions.
    approximation : Laplace
        Normal approximation of the positions given the other roll calls, and of the items given the
        positions.
    """

    held_out: tuple[str, ...]
    approximation: Laplace

    @property
    def laplace(self) -> Laplace:
        """The normal approximation, in which held-out roll calls do not inform the positions."""
        return self.approximation


def fit_cut(
    spec: IdealPoints,
    rollcalls: RollCalls,
    held_out: Iterable[str],
    *,
    fit_by: Callable[..., object] = IdealPoints.fit,
) -> CutFit:
    """Fit positions without some roll calls, then estimate the items of these roll calls.

    Parameters
    ----------
    spec : IdealPoints
        The specification to fit.
    rollcalls : RollCalls
        The record, including the roll calls to hold out.
    held_out : iterable of str
        Ids of roll calls that do not inform positions.
    fit_by : callable
        The function that fits a specification to roll calls: `IdealPoints.fit` or `cached_fit`.

    Returns
    -------
    CutFit
        The fit. Its draws come from the "cut" distribution p(items | positions, all votes) p(positions |
        other votes), in normal approximation (Plummer 2015, https://doi.org/10.1007/s11222-014-9503-z).

    Raises
    ------
    UsageError
        If the specification has dynamics.
    NotUsableError
        If a member voted only in the held-out roll calls, so that its position cannot be estimated.
    """
    held = [str(rollcall) for rollcall in held_out]
    others = rollcalls.select(rollcalls=[name for name in rollcalls.rollcalls.index if name not in set(held)])
    base = fit_by(spec, others)
    if not isinstance(base, IdealFit):
        raise UsageError("a dynamic model cannot hold out a resolution", remedy="leave out dynamics=")
    encoded = encode(rollcalls)
    unplaced = encoded.members.difference(base.encoded.members)
    if len(unplaced):
        names = ", ".join(map(str, unplaced))
        raise NotUsableError(
            f"{names} cast no vote outside the held-out roll calls, so no position can be estimated",
            remedy="widen the window",
        )
    model = Model(encoded.design, base.prior_sds, spec.link, spec.threads)
    where = base.encoded.rollcalls.get_indexer(encoded.rollcalls)
    items = base.reported.items()[where]
    positions = base.reported.positions
    new = np.flatnonzero(where < 0)
    if len(new):  # unanimous roll calls have no item on the scale
        items[new] = _place(model, positions, new)
    point = Point.from_items(positions, items)
    slope = log_posterior(model, point, information="observed")
    information = item_information(model, point, slope, observed=True)
    try:
        roots = np.linalg.inv(np.linalg.cholesky(information))
    except np.linalg.LinAlgError:
        raise _unplaced() from None
    approximation = Laplace(model, point, base.laplace.position_root / base.unit, roots)
    return CutFit(
        encoded,
        model,
        replace(base.mode, point=point),
        base.direction,
        spec,
        held_out=tuple(held),
        approximation=approximation,
        learned=base.learned,
    )


def _place(model: Model, positions: Floats, columns: NDArray[np.intp]) -> Floats:
    """Maximise the posterior of some items, given the positions, by Fisher scoring for each item."""
    whole = model.design
    design = Design(
        votes=np.ascontiguousarray(whole.codes[:, columns]),
        period=whole.period[columns],
        item=np.arange(len(columns), dtype=np.int32),
        n_categories=whole.n_categories[whole.item[columns]],
    )
    small = replace(model, design=design)
    point = Point.from_items(positions, np.zeros((len(columns), positions.shape[1] + 2)))
    for _ in range(_STEPS):
        slope = log_posterior(small, point, information="expected")
        gradient = slope.gradient.items()
        blocks = item_information(small, point, slope, observed=False)
        step = np.linalg.solve(blocks, gradient[..., None])[..., 0]
        if float(np.sqrt(np.sum(step * gradient, axis=1)).max()) < _TOLERANCE:
            return point.items()
        length = 1.0
        while True:
            moved = Point.from_items(positions, point.items() + length * step)
            if log_posterior(small, moved).value >= slope.value - 1e-12 * abs(slope.value):
                break
            length /= 2
            if length < 1e-9:
                raise _unplaced()
        point = moved
    raise _unplaced()


def _unplaced() -> NotUsableError:
    return NotUsableError(
        "the items of the held-out roll calls cannot be estimated on the scale of the other roll calls",
        remedy="use stronger priors for the items",
    )
