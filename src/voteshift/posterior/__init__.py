"""The posterior: PyMC models with the compiled likelihood, draws and diagnostics. The models can be extended.

PyMC takes seconds to import, so this package imports nothing. Import names from `voteshift` or its modules.
"""
