"""The posterior: PyMC models on the compiled core, draws, diagnostics, and a door for new models.

PyMC takes seconds to import, so nothing is imported here: take names from `voteshift` or from the modules.
"""
