"""Powers of 2 for the kernels, from polynomials, and the exponent and fraction of a floating-point number.

The compiler must vectorise the loops that call these functions (SIMD), so no function branches or calls a
library.
"""
# mypy: allow-untyped-defs, allow-untyped-calls

import numpy as np

from voteshift.likelihood.compiling import (
    bits_from_float32,
    bits_from_float64,
    by_precision,
    float32_from_bits,
    float64_from_bits,
    in_order,
)

__all__ = [
    "LN_2",
    "LOG2_E",
    "ROUND_32",
    "ROUND_64",
    "SHIFT_32",
    "bias_of",
    "density_power",
    "exponent_of",
    "fraction_of",
    "power_of_two",
    "power_of_two_near",
]

LOG2_E, LN_2 = 1.4426950408889634, 0.6931471805599453

# Adding 1.5 * 2**52 (or 2**23) rounds to an integer and leaves that integer in the low bits. Unlike a
# conversion to int64, the addition has a SIMD form on every processor.
ROUND_64, ROUND_32 = 6755399441055744.0, np.float32(12582912.0)
LOWEST_64, LOWEST_32 = -1020.0, np.float32(-125.0)
SHIFT_32 = np.int32(23)
# Minimax polynomials for 2**r on [-1/2, 1/2]; relative errors 1.3e-14 and 7.5e-8.
E0, E1, E2, E3, E4, E5, E6, E7, E8, E9 = (
    1.0000000000000127, 0.693147180559871, 0.24022650695649672, 0.0555041086686862, 0.009618129192062334,
    0.001333355761747565, 0.00015403434951557387, 1.5252984926117907e-05, 1.3259404880189543e-06,
    1.015031875399334e-07,
)  # fmt: skip
EXP_32 = (
    1.0000000716530213, 0.6931469670668435, 0.24022119724704669, 0.05550713258738691, 0.00967554136335364,
    0.0013276477808759292,
)  # fmt: skip
F0, F1, F2, F3, F4, F5 = (np.float32(c) for c in EXP_32)


@in_order
def _two_to_64(shifted, r):
    """Return 2**(k + r), with k the integer in the low bits of `shifted` and r within 1/2 of 0."""
    r2 = r * r
    r4 = r2 * r2
    low, high = (E3 * r + E2) * r2 + (E1 * r + E0), (E7 * r + E6) * r2 + (E5 * r + E4)
    p = (high + (E9 * r + E8) * r4) * r4 + low
    return float64_from_bits(bits_from_float64(p) + (bits_from_float64(shifted) << 52))


@in_order
def _two_to_32(shifted, r):
    r2 = r * r
    p = ((F5 * r + F4) * r2 + (F3 * r + F2)) * r2 + (F1 * r + F0)
    return float32_from_bits(bits_from_float32(p) + (bits_from_float32(shifted) << SHIFT_32))


def _power_of_two_32(v):
    v = max(v, LOWEST_32)
    shifted = v + ROUND_32
    return _two_to_32(shifted, v - (shifted - ROUND_32))


@by_precision(_power_of_two_32)
def power_of_two(v):
    """Return 2**v for v <= 0, flushed to about 1e-38 (float32) or 1e-307 (float64) far out."""
    v = max(v, LOWEST_64)
    shifted = v + ROUND_64
    return _two_to_64(shifted, v - (shifted - ROUND_64))


def _power_of_two_near_32(v):
    shifted = v + ROUND_32
    return _two_to_32(shifted, v - (shifted - ROUND_32))


@by_precision(_power_of_two_near_32)
def power_of_two_near(v):
    """Return 2**v for v of either sign that is near enough to 0 for 2**v and 2**-v to be normal numbers."""
    shifted = v + ROUND_64
    return _two_to_64(shifted, v - (shifted - ROUND_64))


@in_order
def density_power(v):
    """Return 2**-(v * v), in float64, for v of either sign that is near enough to 0 for a normal number."""
    shifted = ROUND_64 - v * v
    return _two_to_64(shifted, (ROUND_64 - shifted) - v * v)


FRACTION_64, ONE_64 = 0x000FFFFFFFFFFFFF, 0x3FF0000000000000
FRACTION_32, ONE_32 = np.int32(0x007FFFFF), np.int32(0x3F800000)


@by_precision(lambda v: bits_from_float32(v) >> SHIFT_32)
def exponent_of(v):
    """Return the exponent of v > 0 in its bits, `bias_of` added."""
    return bits_from_float64(v) >> 52


@by_precision(lambda v: float32_from_bits((bits_from_float32(v) & FRACTION_32) | ONE_32))
def fraction_of(v):
    """Return v > 0 divided by the largest power of 2 that is not above v."""
    return float64_from_bits((bits_from_float64(v) & FRACTION_64) | ONE_64)


@by_precision(lambda v: 127)  # noqa: ARG005 (it tells the precision)
def bias_of(v):  # noqa: ARG001
    """Return the exponent of 1 as it is stored in its bits."""
    return 1023
