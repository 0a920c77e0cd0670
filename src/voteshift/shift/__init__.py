"""The explanation: exact account, counterfactual tallies, parts of a change.

Importing one module of this package loads no other: the account and the overview need no model.
"""
