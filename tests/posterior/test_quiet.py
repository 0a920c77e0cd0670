"""Notices of the compiler are held back, whoever imported it, and nothing else is."""

import logging
import warnings

import numpy as np
import pytest
from numba import complex64, complex128, njit, types
from numba.core.errors import NumbaPerformanceWarning

from voteshift.posterior.quiet import quiet


def compile_product(dtype) -> None:
    """Compile a product of matrices of any layout, as PyTensor declares its arrays; warns once a type."""
    matrix = types.Array(dtype, 2, "A")

    @njit((matrix, matrix))
    def product(left, right):
        return np.dot(left, right)


def test_the_compiler_is_quiet_without_the_filters_that_its_import_adds():
    """A filter stands before those of an import: a user's own, or what restores filters after a block."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(NumbaPerformanceWarning, match="faster on contiguous arrays"):
            compile_product(complex64)
        with quiet():
            compile_product(complex128)


def test_other_warnings_pass_and_the_level_of_the_log_comes_back():
    logger = logging.getLogger("pymc")
    before = logger.level
    with quiet():
        assert logger.level == logging.ERROR
        with pytest.warns(UserWarning, match="something else"):
            warnings.warn("something else", stacklevel=1)
    assert logger.level == before
