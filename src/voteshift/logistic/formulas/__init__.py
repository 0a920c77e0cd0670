"""Formulas: what they may contain, what they expand to, and how rows are encoded by them."""
