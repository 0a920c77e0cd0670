"""Tails of the normal distribution for the kernels, from polynomials.

1 - Phi(u) = exp(-u**2 / 2) M(u),    M(u) the Mills ratio over sqrt(2 pi), a polynomial in 1 / (1 + c u).
"""
# mypy: allow-untyped-defs, allow-untyped-calls

import numpy as np

from voteshift.likelihood.compiling import (
    bits_from_float32,
    bits_from_float64,
    by_precision,
    float32_from_bits,
    float64_from_bits,
    inlined,
)
from voteshift.likelihood.powers import LOG2_E, ROUND_32, ROUND_64, SHIFT_32

__all__ = ["INV_SQRT_2PI", "exp_negative", "mills", "mills_at", "mills_denominator", "tail_parts"]

INV_SQRT_2PI = 0.3989422804014327

# ln 2 in two parts: a few bits that an integer multiplies exactly, and the rest.
LN2_HIGH, LN2_LOW = 0.693359375, -2.121944400546905827679e-4
LOWEST_64, LOWEST_32 = -706.0, np.float32(-86.0)
LOG2_E_32, LN2_HIGH_32, LN2_LOW_32 = np.float32(LOG2_E), np.float32(LN2_HIGH), np.float32(LN2_LOW)
# Minimax polynomials for exp on [-ln 2 / 2, ln 2 / 2]; relative errors 1.3e-14 and 7.5e-8.
E0, E1, E2, E3, E4, E5, E6, E7, E8, E9 = (
    1.0000000000000128, 0.99999999999989275, 0.49999999999457974, 0.16666666667826954, 0.041666667032463358,
    0.0083333330028226445, 0.0013888802828821594, 0.0001984159639703441, 2.4884010015388763e-5,
    2.7482187001933117e-6,
)  # fmt: skip
EXP_32 = (
    1.0000000716546416, 0.9999996919922834, 0.4999889485147244, 0.16667574726749988, 0.0419153819779227,
    0.0082976551982714,
)  # fmt: skip
F0, F1, F2, F3, F4, F5 = (np.float32(c) for c in EXP_32)
BIAS_32 = np.int32(127)


def _exp_negative_32(v):
    v = max(v, LOWEST_32)
    shifted = v * LOG2_E_32 + ROUND_32
    k = shifted - ROUND_32
    r = (v - k * LN2_HIGH_32) - k * LN2_LOW_32
    p = ((((F5 * r + F4) * r + F3) * r + F2) * r + F1) * r + F0
    return p * float32_from_bits((bits_from_float32(shifted) + BIAS_32) << SHIFT_32)


@by_precision(_exp_negative_32)
def exp_negative(v):
    """Return exp(v) for v <= 0, flushed to about 1e-38 (float32) or 1e-307 (float64) far out."""
    v = max(v, LOWEST_64)
    shifted = v * LOG2_E + ROUND_64
    k = shifted - ROUND_64
    r = (v - k * LN2_HIGH) - k * LN2_LOW
    p = ((((((((E9 * r + E8) * r + E7) * r + E6) * r + E5) * r + E4) * r + E3) * r + E2) * r + E1) * r + E0
    return p * float64_from_bits((bits_from_float64(shifted) + 1023) << 52)


# Least squares in relative error over all v >= 0, in 2 t - 1 with t = 1 / (1 + c v). Relative errors:
# 1.4e-14 (c = 0.2) in float64 and 3.9e-8 (c = 0.25) in float32.
MILLS_64 = (
    0.15383860995001158, 0.1330765005780389, 0.09906112319424781, 0.06270663133248383, 0.03300407322485966,
    0.013823727774869739, 0.0041590134888574775, 0.0005986750660249426, -0.00015957478742864044,
    -0.00010897847163977422, -1.187149154668075e-05, 9.948848226181416e-06, 3.3273000584706944e-06,
    -7.897836166765611e-07, -5.402689992376201e-07, 6.037634228835236e-08, 7.405092172500983e-08,
    -3.760875542405621e-09, -6.620842283680095e-09,
)  # fmt: skip
M0, M1, M2, M3, M4, M5, M6, M7, M8, M9, M10, M11, M12, M13, M14, M15, M16, M17, M18 = MILLS_64
MILLS_32 = (
    0.18882128131728876, 0.151974097672359, 0.09678440690425018, 0.046631730677090054, 0.01509873915105324,
    0.0018778437028917942, -0.0008689019642557954, -0.0003906380177969161, 3.225985569767762e-05,
    3.918502887343461e-05,
)  # fmt: skip
N0, N1, N2, N3, N4, N5, N6, N7, N8, N9 = (np.float32(c) for c in MILLS_32)
ONE_32, TWO_32, QUARTER_32 = np.float32(1.0), np.float32(2.0), np.float32(0.25)


@by_precision(lambda v: ONE_32 + QUARTER_32 * v)
def mills_denominator(v):
    """Return 1 + c v."""
    return 1.0 + 0.2 * v


def _mills_32(v):
    z = TWO_32 * v - ONE_32
    p = (((N9 * z + N8) * z + N7) * z + N6) * z + N5
    return v * (((((p * z + N4) * z + N3) * z + N2) * z + N1) * z + N0)


@by_precision(_mills_32)
def mills_at(v):
    """Return (1 - Phi(u)) / exp(-u**2 / 2), the Mills ratio over sqrt(2 pi), given v = 1 / (1 + c u)."""
    z = 2.0 * v - 1.0
    p = ((((M18 * z + M17) * z + M16) * z + M15) * z + M14) * z + M13
    p = ((((p * z + M12) * z + M11) * z + M10) * z + M9) * z + M8
    p = (((p * z + M7) * z + M6) * z + M5) * z + M4
    return v * ((((p * z + M3) * z + M2) * z + M1) * z + M0)


@inlined
def mills(u, one):
    """Return the Mills ratio over sqrt(2 pi) of u >= 0."""
    return mills_at(one / mills_denominator(u))


@inlined
def tail_parts(sign, z, u, t, one, zero, half):
    """Return p, f, h of Phi(z) = p exp(-h), density f exp(-h) / sqrt(2 pi); p is 1 where the sign is 0.

    And exp(-u**2 / 2) and M(u), for the tail beyond u = abs(z); t is 1 / (1 + c u).
    """
    square = half * u * u
    ratio, fall = mills_at(t), exp_negative(-square)
    unlikely = z < zero
    return (
        ratio if unlikely else one - abs(sign) * fall * ratio,
        one if unlikely else fall,
        square if unlikely else zero,
        fall,
        ratio,
    )
