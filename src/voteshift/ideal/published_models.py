"""Published ideal-point models as specifications.

A published prior refers to the scale of the published positions. On the scale of a fit, positions have
standard deviation 1. If the published positions have standard deviation s, a step tau becomes tau / s and a
prior standard deviation of discriminations becomes s times as large; midpoints do not change.
"""

from dataclasses import dataclass
from typing import Final

from voteshift.errors import UsageError
from voteshift.ideal.dynamic.spec import RandomWalk
from voteshift.ideal.methods import Marginal
from voteshift.ideal.objective import Priors
from voteshift.ideal.spec import IdealPoints

__all__ = ["PUBLISHED", "Published", "published"]


@dataclass(frozen=True)
class Published:
    """A published ideal-point model.

    Attributes
    ----------
    name : str
        Name of the model: authors and year.
    spec : IdealPoints
        The model as a specification. Change a part of it with `dataclasses.replace`.
    reference : str
        The publication, with its DOI.
    differences : tuple of str
        The choices that the publication leaves to the user, and the differences between the published model
        and the specification.

    Examples
    --------
    >>> from dataclasses import replace
    >>> from voteshift.ideal import published
    >>> spec = published("clinton-jackman-rivers-2004").spec
    >>> replace(spec, polarity="USA").link
    'probit'
    """

    name: str
    spec: IdealPoints
    reference: str
    differences: tuple[str, ...]


_SIGN: Final = (
    "one member, named in polarity=, has the positive side; without polarity=, the side that votes yes more "
    "often is positive"
)
_MEANS: Final = (
    "posterior means are means of a normal approximation, not of draws; their intervals are too narrow if "
    "few members vote on each roll call"
)
#: Standard deviation of the scores of 1937 to 2013 over all justices and terms, rounded (2.05).
_SPREAD_OF_SCORES: Final = 2.0

_MARTIN_QUINN: Final = Published(
    name="martin-quinn-2002",
    spec=IdealPoints(
        link="probit",
        priors=Priors(discrimination=_SPREAD_OF_SCORES, midpoint=1.0),
        dynamics=RandomWalk("term", tau=0.1**0.5 / _SPREAD_OF_SCORES, delta=0.0),
        method=Marginal(learn=False),
    ),
    reference=(
        "Martin, A. D. & Quinn, K. M. (2002). Dynamic ideal point estimation via Markov chain Monte Carlo "
        "for the U.S. Supreme Court, 1953-1999. Political Analysis 10(2), 134-153. "
        "https://doi.org/10.1093/pan/10.2.134"
    ),
    differences=(
        "the roll calls need a column 'term' of integers; for another column, change periods=",
        "positions have standard deviation 1; the authors' scores of 1937 to 2013 have standard deviation 2, "
        "so the variance of a step, 0.1 in the publication, is 0.025, and the prior standard deviation of "
        "discriminations, 1 in the publication, is 2",
        "a first position is N(0, 1) on the scale of the fit, so its prior is wider than in the publication; "
        "the publication gives nine justices other first positions, which also identify the direction",
        "the publication gives Douglas a smaller variance of steps, 0.001; here all members have the same "
        "variance",
        _SIGN,
        _MEANS,
    ),
)

_CLINTON_JACKMAN_RIVERS: Final = Published(
    name="clinton-jackman-rivers-2004",
    spec=IdealPoints(
        link="probit", priors=Priors(discrimination=5.0, midpoint=5.0), method=Marginal(learn=False)
    ),
    reference=(
        "Clinton, J., Jackman, S. & Rivers, D. (2004). The statistical analysis of roll call data. American "
        "Political Science Review 98(2), 355-370. https://doi.org/10.1017/S0003055404001194"
    ),
    differences=(
        "priors are the defaults of pscl::ideal: precision 0.04, standard deviation 5, for the parameters of "
        "roll calls",
        "pscl::ideal gives positions the prior N(0, 1); here their mean is 0 and their standard deviation "
        "is 1",
        "the model has two categories; a record with abstentions is fitted with three ordered categories, so "
        "recode abstentions first to fit two",
        "the fit has one dimension; for two dimensions, change dims= and method=",
        "lopsided roll calls are kept; only unanimous ones are left out",
        _SIGN,
        _MEANS,
    ),
)

_IMAI_LO_OLMSTED: Final = Published(
    name="imai-lo-olmsted-2016",
    spec=IdealPoints(link="probit", priors=Priors(discrimination=5.0, midpoint=5.0), method="mode"),
    reference=(
        "Imai, K., Lo, J. & Olmsted, J. (2016). Fast estimation of ideal points with massive data. American "
        "Political Science Review 110(4), 631-656. https://doi.org/10.1017/S000305541600037X"
    ),
    differences=(
        "of the models of the publication, the name means the static model with two categories, "
        "emIRT::binIRT; its priors are those of emIRT::makePriors, N(0, 25) for the parameters of roll calls",
        "emIRT::dynIRT is a variational fit of the model of Martin & Quinn: use 'martin-quinn-2002'",
        "emIRT::makePriors gives positions the prior N(0, 1); here their mean is 0 and their standard "
        "deviation is 1",
        "a record with abstentions is fitted with three ordered categories, as by emIRT::ordIRT",
        "the fit ends by its gradient, not by the change between two iterations",
        _SIGN,
    ),
)

_BAILEY_STREZHNEV_VOETEN: Final = Published(
    name="bailey-strezhnev-voeten-2017",
    spec=IdealPoints(
        link="probit",
        priors=Priors(discrimination=1.0, midpoint=5.0, log_gap=2.0),
        dynamics=RandomWalk("session", bridge="families", tau=0.5, delta=0.0, delta_group=0.0),
        method=Marginal(learn=False),
    ),
    reference=(
        "Bailey, M. A., Strezhnev, A. & Voeten, E. (2017). Estimating dynamic state preferences from United "
        "Nations voting data. Journal of Conflict Resolution 61(2), 430-456. "
        "https://doi.org/10.1177/0022002715595700"
    ),
    differences=(
        "resolutions that return under the same title share an item; the authors compared texts and "
        "published pairs of roll calls: replace bridge= by items= to use these pairs",
        "priors are those of the authors' program of 2020: N(0, 1) for discriminations; the variance of a "
        "step is 0.5 times the share of the present session in the votes of two sessions, 0.25 for equal "
        "numbers of votes (tau=0.5 here)",
        "cutpoints have a flat prior between -7 and 7 in that program; here the midpoint is N(0, 25) and the "
        "log of the gap is N(0, 4)",
        "that program draws a position given the previous session; here the following session counts, too",
        "the first position of a state is N(0, 1) here; in that program it is drawn around its second "
        "position",
        "that program also standardises all positions to mean 0 and standard deviation 1",
        "that program leaves out session 19 and, since 1990, votes on paragraphs and amendments; select the "
        "roll calls before the fit",
        _SIGN,
        _MEANS,
    ),
)

#: The published models by name.
PUBLISHED: Final = {
    model.name: model
    for model in (_MARTIN_QUINN, _CLINTON_JACKMAN_RIVERS, _IMAI_LO_OLMSTED, _BAILEY_STREZHNEV_VOETEN)
}


def published(name: str) -> Published:
    """Return a published model by name.

    Parameters
    ----------
    name : str
        "martin-quinn-2002", "clinton-jackman-rivers-2004", "imai-lo-olmsted-2016" or
        "bailey-strezhnev-voeten-2017".

    Returns
    -------
    Published
        The specification, the reference, and the differences between the two.

    Raises
    ------
    UsageError
        If there is no such name.

    References
    ----------
    Martin & Quinn (2002), https://doi.org/10.1093/pan/10.2.134.
    Clinton, Jackman & Rivers (2004), https://doi.org/10.1017/S0003055404001194.
    Imai, Lo & Olmsted (2016), https://doi.org/10.1017/S000305541600037X.
    Bailey, Strezhnev & Voeten (2017), https://doi.org/10.1177/0022002715595700.
    """
    if name not in PUBLISHED:
        raise UsageError(
            f"{name!r} is not the name of a published model", remedy=f"choose from {', '.join(PUBLISHED)}"
        )
    return PUBLISHED[name]
