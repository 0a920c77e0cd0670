"""One vote at 50 significant digits and more, straight from the definition."""

from mpmath import exp, inf, log, mp, mpf, ncdf, npdf

__all__ = ["exact_terms"]

# 1 - 1e-400 needs 400 digits before the first of the 50 that count.
DIGITS = 500


def _distribution(z, link):
    """Return F, its density and the derivative of that; the ends of the scale included."""
    if mp.isinf(z):
        return mpf(z > 0), mpf(0), mpf(0)
    if link == "probit":
        return ncdf(z), npdf(z), -z * npdf(z)
    p = 1 / (1 + exp(-z))
    return p, p * (1 - p), p * (1 - p) * (1 - 2 * p)


def exact_terms(eta, lower, upper, link):
    """Return the fields of `VoteTerms` for one vote, differenced and differentiated without any care."""
    with mp.workdps(DIGITS):
        eta, lower, upper = mpf(float(eta)), mpf(float(lower)), mpf(float(upper))
        below, low, low_slope = _distribution(lower - eta if lower > -inf else lower, link)
        above, high, high_slope = _distribution(upper - eta if upper < inf else upper, link)
        p = above - below
        low, high, low_slope, high_slope = low / p, high / p, low_slope / p, high_slope / p
        mean = low - high
        upper_upper, lower_lower, lower_upper = high_slope - high**2, -low_slope - low**2, low * high
        return tuple(
            float(term)
            for term in (
                log(p),
                mean,
                -low,
                high,
                -(high_slope - low_slope - mean**2),
                lower_lower + lower_upper,
                upper_upper + lower_upper,
                -lower_lower,
                -lower_upper,
                -upper_upper,
            )
        )
