"""Dynamic positions: Gaussian random walks with a common step, and roll calls that share items."""
