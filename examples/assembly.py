"""Did members move, or what they vote on? An assembly of eight years in which the answer is known.

    python examples/assembly.py

Sixty members drift by 0.15 a year, all together, and each a little on its own. Fitted with five resolutions
that come back every year as bridges, the drift is found; without them it is not, and the intervals say so.
For the General Assembly put ``vs.read("unga")`` and pairs of roll calls in place of what is drawn here: see
``docs/assembly.md``.
"""

import warnings

import numpy as np

import voteshift as vs
from voteshift.simulation import Dynamics

DRIFT = 0.15
drawn = vs.simulate(
    60,
    480,
    seed=7,
    link="probit",
    missing=0.1,
    dynamics=Dynamics(n_periods=8, tau=0.1, drift=DRIFT, bridges=5),
)
record = drawn.rollcalls
truth = drawn.positions[:, :, 0]  # years by members


def describe(fit: vs.DynamicFit) -> None:
    """Print the common path of a fit and the true one, on the scale of the truth."""
    steps = fit.steps()
    spread = fit.reported.spread
    mean, wide = steps["estimate"].mean(), (steps["conf_high"] - steps["conf_low"]).mean()
    estimates = fit.tidy().pivot(index="period", columns="member", values="estimate").to_numpy()
    print(f"   common step a year: true {DRIFT:.2f}, mean of the estimates {mean * spread:.2f}")
    print(f"   its 90 % intervals are {wide * spread:.2f} wide on average")
    correlation = np.corrcoef(estimates.ravel(), truth.ravel())[0, 1]
    print(f"   correlation of positions with the truth: {correlation:.3f}")


print("1. With bridges: texts that come back are held to be one item each")
spec = vs.IdealPoints(link="probit", polarity="M01", dynamics=vs.RandomWalk(bridge="families", tau=0.1))
bridged = spec.fit(record)
describe(bridged)

print("2. Without: the warning says what may not be compared")
with warnings.catch_warnings(record=True) as heard:
    warnings.simplefilter("always")
    loose = vs.IdealPoints(link="probit", polarity="M01", dynamics=vs.RandomWalk(tau=0.1)).fit(record)
print(f"   {heard[0].category.__name__}: {heard[0].message}")
describe(loose)

print("3. Who moved most, by the bridged fit")
path = bridged.tidy().pivot(index="member", columns="period", values="estimate")
moved = (path.iloc[:, -1] - path.iloc[:, 0]).sort_values()
for member in (*moved.index[:2], *moved.index[-2:]):
    print(f"   {member}: {moved[member]:+.2f}")
