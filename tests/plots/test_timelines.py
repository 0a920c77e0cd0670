"""Shares of votes of every family, against the record."""

import numpy as np
import pytest

import voteshift as vs
from voteshift import plots

V18 = "27478"
V20 = "29343"


def test_timelines_hold_every_iteration_with_its_shares(record):
    table = plots.timelines_table(record)
    families = record.families()
    assert set(table["family"]) == set(families.index)
    assert len(table) == families["rollcalls"].map(len).sum()
    shares = table[["share_yes", "share_no", "share_abstain", "share_absent"]]
    assert np.allclose(shares.sum(axis=1), 1, rtol=0, atol=1e-12)
    row = table.set_index("rollcall").loc[V20]
    assert row["share_no"] == 16 / 47
    firsts = table.groupby("family", sort=False)["date"].min()
    assert firsts.is_monotonic_increasing
    with pytest.raises(vs.UsageError, match="two versions"):
        plots.timelines(record.select(rollcalls=[V18]))
