"""The posterior of dynamic positions: their `pymc.Model`, draws, results and files."""
