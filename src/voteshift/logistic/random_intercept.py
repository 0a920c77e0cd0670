"""Random-intercept ordered logit, in which members also differ by an intercept."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from voteshift.errors import NotUsableError
from voteshift.logistic.design import Design
from voteshift.logistic.intercept_results import RandomInterceptResult
from voteshift.logistic.likelihoods import Floats, Likelihood
from voteshift.logistic.maximise import Problem, maximise
from voteshift.logistic.specifications import InterceptPriors, RandomIntercept
from voteshift.logistic.terms import Term, name_terms
from voteshift.logistic.wording import describe_outcome
from voteshift.posterior.labels import labelled
from voteshift.posterior.sampling import run_sampler

__all__ = ["random_intercept", "random_intercept_model"]

_KEPT: Final = ("coefficient", "cutpoint", "intercept_sd", "intercept")
_SD_LABEL: Final = "standard deviation of the intercepts"
#: A logistic variable plus N(0, sd²) is about a logistic one sqrt(1 + this sd²) times as wide.
WIDENS: Final = (16 * np.sqrt(3) / (15 * np.pi)) ** 2
_SHAKEN: Final = 0.3  # largest distance of a start from the mode of the model without intercepts


@dataclass(frozen=True, eq=False)
class _Scaled:
    """Standardised columns, and the means and standard deviations of the original columns."""

    X: Floats
    centre: Floats
    spread: Floats


def random_intercept_model(
    design: Design, members: NDArray[np.intp], labels: tuple[str, ...], priors: InterceptPriors | None = None
) -> Any:
    """Return the random-intercept ordered logit of a design as a `pymc.Model`, to sample or to extend.

    Parameters
    ----------
    design : Design
        Design of an ordered model.
    members : ndarray of int, shape (n,)
        Member of each row, from 0.
    labels : tuple of str
        Names of the members.
    priors : InterceptPriors, optional

    Returns
    -------
    pymc.Model
        The dimensions are ``term``, ``cut`` and ``member``. The free variables are:

        - ``slope`` (term): coefficients of the standardised columns, on the marginal scale.
        - ``threshold`` (cut): cutpoints if the standardised columns are 0, on the marginal scale.
        - ``intercept_sd``: standard deviation of the intercepts.
        - ``standard_intercept`` (member): standardised intercepts, N(0, 1).

        The model computes these variables from the free variables:

        - ``coefficient`` and ``cutpoint``: conditional, on the scale of the original columns.
        - ``intercept`` (member): intercept_sd * standard_intercept.

        The potential ``votes`` is the log-likelihood.

    Notes
    -----
    P(y <= c) = F(cutpoint_c - x . coefficient - intercept_i), F logistic, intercept_i ~ N(0, intercept_sd²)
    (Hedeker & Gibbons 1994, https://doi.org/10.2307/2533433). The parametrisation is non-centred
    (Papaspiliopoulos, Roberts & Sköld 2007, https://doi.org/10.1214/088342307000000014). With one to three
    votes for each member, the posterior of a centred parametrisation has a funnel. Slopes and thresholds are
    sampled on the marginal scale, because the votes identify them well on this scale. The votes identify the
    standard deviation of the intercepts badly. On the conditional scale, all these parameters are therefore
    strongly correlated.
    """
    import pymc as pm
    import pytensor
    import pytensor.tensor as pt

    priors = priors or InterceptPriors()
    scaled = _scaled(design)
    n_cuts = len(design.categories) - 1
    start = _start(design, scaled)

    def held(values: Any, name: str) -> Any:
        # A shared variable and not a constant, so that the compiled model is the same for all panels of one
        # shape.
        return pytensor.shared(np.asarray(values), name=name, shape=(None,) * np.ndim(values))

    y = design.y
    upper, lower = np.minimum(y, n_cuts - 1), np.maximum(y - 1, 0)
    inner = (y > 0) & (y < n_cuts)
    zero = np.float64(0.0)
    with pm.Model(
        coords={"term": list(design.columns), "cut": list(design.cutpoints), "member": list(labels)}
    ) as model:
        slope = pm.Normal(
            "slope", zero, np.float64(priors.effect), dims="term", initval=start[: len(design.columns)]
        )
        threshold = pm.Normal(
            "threshold",
            zero,
            np.float64(priors.cutpoint),
            dims="cut",
            default_transform=pm.distributions.transforms.ordered,
            initval=start[len(design.columns) :],
        )
        sd = pm.HalfNormal("intercept_sd", np.float64(priors.intercept_sd), initval=np.float64(1.0))
        standard = pm.Normal("standard_intercept", zero, np.float64(1.0), dims="member")
        intercept = pm.Deterministic("intercept", sd * standard, dims="member")
        wider = pt.sqrt(np.float64(1.0) + np.float64(WIDENS) * sd**2)
        steep, cuts = wider * slope, wider * threshold
        coefficient = pm.Deterministic("coefficient", steep / held(scaled.spread, "spread"), dims="term")
        shift = pt.sum(held(scaled.centre, "centre") * coefficient)
        pm.Deterministic("cutpoint", cuts + shift, dims="cut")
        # Sums, not dot products: for so few columns BLAS gains nothing, and Numba warns of its strides.
        eta = pt.sum(held(scaled.X, "columns") * steep, axis=1) + intercept[held(members, "members")]
        above, below = cuts[held(upper, "upper")], cuts[held(lower, "lower")]
        has_upper, has_lower, is_inner = (
            held(flag.astype(np.float64), name)
            for flag, name in ((y < n_cuts, "has_upper"), (y > 0, "has_lower"), (inner, "inner"))
        )
        # F(a) - F(b) = F(a) F(-b) (1 - exp(b - a)): exact in both tails, where a difference loses its digits.
        gap = is_inner * (above - below) + (np.float64(1.0) - is_inner)
        pm.Potential(
            "votes",
            pt.sum(
                -has_upper * pt.softplus(eta - above)
                - has_lower * pt.softplus(below - eta)
                + is_inner * pt.log1mexp(-gap)
            ),
        )
    return model


def random_intercept(
    design: Design,
    members: NDArray[np.intp],
    labels: tuple[str, ...],
    choices: RandomIntercept,
    *,
    cluster: str,
    level: float,
    notes: tuple[str, ...] = (),
) -> RandomInterceptResult:
    """Sample the random-intercept ordered logit of a design.

    Parameters
    ----------
    design, members, labels
        As for `random_intercept_model`.
    choices : RandomIntercept
        Priors, and the settings of the sampler.
    cluster : str
        Column of the panel. Each value of this column has a separate intercept.
    level : float
        Coverage of the intervals.
    notes : tuple of str
        Notes to show before the notes of this function.

    Raises
    ------
    NotUsableError
        If no member voted twice, so that the data do not distinguish intercepts from noise.
    UsageError
        If the sampler is not installed.
    """
    counts = np.bincount(members)
    if counts.max() < 2:
        raise NotUsableError(
            f"every {cluster} has only one vote, so the data do not distinguish intercepts from noise",
            remedy="give model='ordered', which has no intercepts",
        )
    scaled = _scaled(design)
    model = random_intercept_model(design, members, labels, choices.priors)
    chains = run_sampler(
        model,
        list(_KEPT),
        _scattered(_start(design, scaled), len(design.columns), len(labels)),
        draws=choices.draws,
        tune=choices.tune,
        chains=choices.chains,
        seed=choices.seed,
        nuts=choices.nuts,
        progress=choices.progress,
    )
    moved = pd.Series(design.y).groupby(members).nunique().to_numpy() > 1
    settings = {
        "sampler": chains.sampler,
        "seed": choices.seed,
        "tune": choices.tune,
        "target_accept": choices.nuts.target_accept,
        "seconds_sampling": chains.sampling,
    }
    return RandomInterceptResult(
        formula=design.formula,
        cluster=cluster,
        terms=(*name_terms(design, "ordered"), Term(f"sd({cluster})", _SD_LABEL, constant=True)),
        tree=labelled(chains, model.named_vars_to_dims, model.coords, settings),
        design=design,
        nobs=len(design.y),
        n_clusters=len(labels),
        level=level,
        priors=choices.priors.words(),
        notes=(
            *notes,
            f"effects are conditional, that is, effects for one {cluster} with a constant intercept. Do "
            "not compare these effects with effects of the marginal models, which are smaller if "
            "intercepts differ",
            f"{int(moved.sum())} of the {int((counts > 1).sum())} clusters with more than one vote changed "
            "their vote; the standard deviation of the intercepts depends on these votes and on the prior",
            f"priors: {choices.priors.words()}",
        ),
        about=f"{describe_outcome(design, 'ordered')}; an intercept for each {cluster}",
    )


def _scaled(design: Design) -> _Scaled:
    centre, spread = design.X.mean(axis=0), design.X.std(axis=0)
    return _Scaled((design.X - centre) / spread, centre, spread)


def _start(design: Design, scaled: _Scaled) -> Floats:
    """Return finite slopes and thresholds: the penalised estimates of the model without intercepts."""
    ones = np.ones(len(design.y))
    likelihood = Likelihood("ordered", len(design.categories))
    problem = Problem(likelihood, design.y, scaled.X, ones, 0 * ones, penalised=True)
    return maximise(problem).params


def _scattered(
    centre: Floats, n_terms: int, n_members: int
) -> Callable[[np.random.Generator], dict[str, Floats]]:
    """Return a function that draws the start of a chain, in the sampler's coordinates."""

    def draw(rng: np.random.Generator) -> dict[str, Floats]:
        slopes, thresholds = centre[:n_terms], centre[n_terms:]
        return {
            "slope": slopes + _SHAKEN * rng.uniform(-1, 1, n_terms),
            "threshold": np.concatenate(
                [thresholds[:1] + _SHAKEN * rng.uniform(-1, 1, 1), np.log(np.diff(thresholds))]
            ),
            "intercept_sd": np.asarray(rng.uniform(-0.7, 1.1)),  # logs of 0.5 and 3
            "standard_intercept": _SHAKEN * rng.standard_normal(n_members),
        }

    return draw
