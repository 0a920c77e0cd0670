"""The posterior of dynamic positions: the `pymc.Model`, draws, results and files."""
