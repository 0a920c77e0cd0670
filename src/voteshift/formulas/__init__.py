"""Formulas: their allowed contents, their expansion, and the encoding of rows."""
