"""Dynamic positions: Gaussian random walks, a step common to all members, and roll calls that share items."""
