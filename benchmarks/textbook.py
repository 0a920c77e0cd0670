"""The yardstick; `voteshift bench` needs it too, so it lives in the package."""

from voteshift.bench.textbook import binary_logit, binary_probit, ordered

__all__ = ["binary_logit", "binary_probit", "ordered"]
