"""The log-likelihood of roll calls as a PyTensor variable: the compiled kernel as an Op, or a plain graph.

The Op and the graph take the parameters as PyTensor variables, so that a model can compute the parameters
from other variables. The Op and the graph return the same value and the same gradient. The Op is many times
faster. The graph can be read and changed.
"""
# mypy: allow-untyped-defs, allow-untyped-calls

import hashlib
from typing import Any, Literal, get_args

import numpy as np
import pytensor
import pytensor.tensor as pt
from pytensor.gradient import disconnected_type
from pytensor.graph.basic import Apply
from pytensor.graph.op import Op
from pytensor.link.numba.dispatch.basic import register_funcify_and_cache_key

from voteshift.errors import UsageError
from voteshift.ideal.links import as_link
from voteshift.likelihood import Design
from voteshift.likelihood.terms import AnyLink, Link
from voteshift.posterior.graph import log_likelihood_graph
from voteshift.posterior.native import driver, kernel_hash, votes_of

__all__ = ["LogLikelihood", "log_likelihood"]

Backend = Literal["compiled", "graph"]


class LogLikelihood(Op):  # type: ignore[misc]  # PyTensor carries no types
    """Log-likelihood of votes and its gradients, computed by one call of the compiled kernel.

    Parameters
    ----------
    link : {"logit", "probit"}
        Distribution of the noise.
    n_dims : int
        Number of dimensions.
    binary : bool
        True if every item has two categories.

    Notes
    -----
    The inputs are the fields of `voteshift.posterior.native.Votes`, followed by positions, discriminations
    and cutpoints. The outputs are the value and its gradients with respect to positions, discriminations and
    cutpoints. Only the value can be differentiated, and only once.
    """

    __props__ = ("link", "n_dims", "binary")

    def __init__(self, link: Link, n_dims: int, *, binary: bool) -> None:
        self.link = link
        self.n_dims = n_dims
        self.binary = binary

    def make_node(self, *inputs: Any) -> Any:
        """Declare the outputs: a scalar, and three gradients with the shapes of the last three inputs."""
        inputs = tuple(pt.as_tensor_variable(value) for value in inputs)
        by_positions, by_slopes, by_cuts = (parameter.type() for parameter in inputs[-3:])
        return Apply(self, list(inputs), [pt.dscalar(), by_positions, by_slopes, by_cuts])

    def perform(self, node: Any, inputs: list[Any], output_storage: list[list[Any]]) -> None:  # noqa: ARG002
        """Call the compiled driver; all back ends except Numba use this method."""
        function = driver(self.link, self.n_dims, binary=self.binary)
        results = function(*(np.ascontiguousarray(value) for value in inputs))
        for storage, value in zip(output_storage, results, strict=True):
            storage[0] = value

    def infer_shape(self, *arguments: Any) -> list[Any]:
        """Return the shapes of the outputs; PyTensor 2 passes a graph as an additional first argument."""
        return [(), *arguments[-1][-3:]]

    def connection_pattern(self, node: Any) -> list[list[bool]]:
        """Return which outputs depend on which inputs; no output depends on the votes."""
        return [[position >= len(node.inputs) - 3] * 4 for position in range(len(node.inputs))]

    def pullback(self, inputs: list[Any], outputs: list[Any], cotangents: list[Any]) -> list[Any]:
        """Multiply the gradients, which the forward pass has already computed."""
        constant = [disconnected_type() for _ in inputs[:-3]]
        return [*constant, *(cotangents[0] * gradient for gradient in outputs[1:])]

    # PyTensor 2 calls `L_op`, PyTensor 3 calls `pullback`.
    L_op = pullback


@register_funcify_and_cache_key(LogLikelihood)  # type: ignore[untyped-decorator]
def _compile(op: LogLikelihood, node: Any = None, **_: Any) -> tuple[Any, str]:  # noqa: ARG001
    """Return the driver for PyTensor's Numba back end, and a cache key that depends on the source code."""
    from numba import njit

    value_gradient = driver(op.link, op.n_dims, binary=op.binary)

    @njit(error_model="numpy")
    def log_likelihood(codes, bounds, item, three, n_middle, sizes, positions, discriminations, cutpoints):
        # PyTensor declares arrays of any layout to Numba. The kernel is compiled for contiguous arrays.
        # Arrays that are already contiguous are not copied.
        return value_gradient(
            np.ascontiguousarray(codes),
            np.ascontiguousarray(bounds),
            np.ascontiguousarray(item),
            np.ascontiguousarray(three),
            np.ascontiguousarray(n_middle),
            sizes,
            np.ascontiguousarray(positions),
            np.ascontiguousarray(discriminations),
            np.ascontiguousarray(cutpoints),
        )

    props = f"{type(op).__qualname__} {op.link} {op.n_dims} {op.binary} {kernel_hash()}"
    return log_likelihood, hashlib.sha256(props.encode()).hexdigest()


def log_likelihood(
    design: Design,
    positions: Any,
    discriminations: Any,
    cutpoints: Any,
    *,
    link: AnyLink = "logit",
    backend: Backend = "compiled",
    name: str = "votes",
) -> Any:
    """Return the log-likelihood of votes as a PyTensor scalar.

    Parameters
    ----------
    design : Design
        Votes, periods and items.
    positions : tensor, shape (n_periods, n_members, n_dims)
        Ideal points.
    discriminations : tensor, shape (n_items, n_dims)
        Discriminations.
    cutpoints : tensor, shape (n_items, 2)
        Cutpoints in increasing order. The second cutpoint is not used if an item has two categories.
    link : {"logit", "probit"} or CustomLink
        Distribution of the noise. With a `CustomLink`, the backend is always "graph".
    backend : {"compiled", "graph"}
        Implementation. "compiled" uses compiled code, as one PyTensor operation (Op). "graph" uses only
        expressions of PyTensor.
    name : str
        Prefix for the names of the variables that contain the votes, if the backend is "compiled". If a model
        contains several log-likelihoods, their prefixes must differ, because nutpie identifies variables by
        name.

    Raises
    ------
    UsageError
        If `link` or `backend` has another value.
    """
    link = as_link(link)
    if backend not in get_args(Backend):
        raise UsageError(
            f"backend is {backend!r}", remedy=f"give {' or '.join(map(repr, get_args(Backend)))}"
        )
    parameters = [pt.as_tensor_variable(value) for value in (positions, discriminations, cutpoints)]
    if backend == "graph" or not isinstance(link, str):
        return log_likelihood_graph(design, *parameters, link=link)
    votes = votes_of(design)
    n_dims = parameters[1].type.shape[1] or int(parameters[1].shape[1].eval())
    op = LogLikelihood(link, int(n_dims), binary=not votes.three.any())
    # Shared variables, because Numba would compile constants into the code again for every record.
    shared = [
        pytensor.shared(np.array(value), name=f"{name}_{part}", shape=(None,) * value.ndim)
        for part, value in votes._asdict().items()
    ]
    return op(*shared, *parameters)[0]
