"""Every 3 x 3 table of up to eight members, by brute force over all ways their changes could have gone."""

from fractions import Fraction
from functools import cache
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.stats import binomtest
from statsmodels.stats.contingency_tables import SquareTable
from statsmodels.stats.contingency_tables import mcnemar as statsmodels_mcnemar

from voteshift.checks import paired_tables

PAIRS = [(0, 1), (0, 2), (1, 2)]
CELLS = [(i, j) for i in range(3) for j in range(3) if i != j]
# Fleiss, Levin & Paik, Statistical Methods for Rates and Proportions: two diagnoses of 100 patients.
FLEISS = np.array([[35, 5, 0], [15, 20, 5], [10, 5, 5]])
tables = hnp.arrays(np.int64, (3, 3), elements=st.integers(0, 6))


def table_of(cells):
    """A table from its six cells off the diagonal."""
    table = np.zeros((3, 3), dtype=np.int64)
    for (i, j), count in zip(CELLS, cells, strict=True):
        table[i, j] = count
    return table


def compositions(total, parts):
    if parts == 1:
        yield (total,)
        return
    for first in range(total + 1):
        for rest in compositions(total - first, parts - 1):
            yield (first, *rest)


def solve(matrix, vector):
    """Gauss-Jordan in fractions; a free unknown is 0 (any generalised inverse gives the same statistic)."""
    rows = [
        [Fraction(int(x)) for x in row] + [Fraction(int(b))] for row, b in zip(matrix, vector, strict=True)
    ]
    done = 0
    pivots = []
    for column in range(len(vector)):
        pivot = next((r for r in range(done, len(rows)) if rows[r][column]), None)
        if pivot is None:
            continue
        rows[done], rows[pivot] = rows[pivot], rows[done]
        rows[done] = [x / rows[done][column] for x in rows[done]]
        for r in range(len(rows)):
            if r != done:
                rows[r] = [x - rows[r][column] * y for x, y in zip(rows[r], rows[done], strict=True)]
        pivots.append(column)
        done += 1
    assert not any(row[-1] for row in rows[done:]), "the margins lie outside the range of V"
    result = [Fraction(0)] * len(vector)
    for row, column in enumerate(pivots):
        result[column] = rows[row][-1]
    return result


@cache
def bowker_statistic(cells):
    table = table_of(cells)
    return sum(
        (
            Fraction(int(table[i, j] - table[j, i]) ** 2, int(table[i, j] + table[j, i]))
            for i, j in PAIRS
            if table[i, j] + table[j, i]
        ),
        Fraction(0),
    )


@cache
def stuart_maxwell_statistic(cells):
    """d' V^- d by the definition: V_ii = n_i. + n_.i - 2 n_ii, V_ij = -(n_ij + n_ji)."""
    table = table_of(cells)
    d = table.sum(axis=1) - table.sum(axis=0)
    v = -(table + table.T)
    np.fill_diagonal(v, table.sum(axis=1) + table.sum(axis=0) - 2 * np.diag(table))
    return sum((int(a) * b for a, b in zip(d, solve(v, d), strict=True)), Fraction(0))


def swapped(cells):
    """All 2^n tables that chance could have made: each change is turned round or not."""
    changes = [pair for pair, count in zip(CELLS, cells, strict=True) for _ in range(count)]
    for turns in product((False, True), repeat=len(changes)):
        counts = dict.fromkeys(CELLS, 0)
        for (i, j), turn in zip(changes, turns, strict=True):
            counts[(j, i) if turn else (i, j)] += 1
        yield tuple(counts.values())


@cache
def reference(totals, statistic):
    """The statistic of all that could have happened to so many changes between each two categories."""
    cells = [totals[PAIRS.index(pair)] if pair in PAIRS else 0 for pair in CELLS]
    return [statistic(other) for other in swapped(cells)]


def brute(cells, statistic):
    totals = paired_tables.pair_totals(table_of(cells))
    return np.mean([value >= statistic(cells) for value in reference(totals, statistic)])


@pytest.mark.parametrize("changed", range(9))
def test_every_table_of_up_to_eight_members_equals_brute_force(changed):
    """What stays on the diagonal plays no part: see the next test."""
    for cells in compositions(changed, len(CELLS)):
        table = table_of(cells)
        for test, statistic in (
            (paired_tables.bowker, bowker_statistic),
            (paired_tables.stuart_maxwell, stuart_maxwell_statistic),
        ):
            found = test(table)
            assert found.statistic == pytest.approx(float(statistic(cells)), abs=1e-12)
            assert found.p_value == pytest.approx(brute(cells, statistic), abs=1e-12), (cells, test.__name__)
        for category in range(3):
            entered = sum(n for (i, j), n in zip(CELLS, cells, strict=True) if j == category)
            left = sum(n for (i, j), n in zip(CELLS, cells, strict=True) if i == category)
            p = binomtest(entered, entered + left).pvalue if entered + left else 1.0
            assert paired_tables.mcnemar(table, category).p_value == pytest.approx(p, abs=1e-12)


@given(tables, hnp.arrays(np.int64, 3, elements=st.integers(0, 50)))
def test_those_who_changed_nothing_play_no_part(table, diagonal):
    other = table.copy()
    np.fill_diagonal(other, diagonal)
    assert paired_tables.bowker(table) == paired_tables.bowker(other)
    assert paired_tables.stuart_maxwell(table) == paired_tables.stuart_maxwell(other)
    assert paired_tables.stratified([table, table]) == paired_tables.stratified([other, other])


@given(tables)
def test_time_has_no_direction(table):
    for test in (
        paired_tables.bowker,
        paired_tables.stuart_maxwell,
        lambda one: paired_tables.mcnemar(one, 2),
    ):
        assert test(table).p_value == pytest.approx(test(table.T).p_value, abs=1e-12)


@given(tables, st.permutations(range(3)))
def test_the_order_of_categories_has_no_say(table, order):
    other = table[np.ix_(order, order)]
    for test in (paired_tables.bowker, paired_tables.stuart_maxwell):
        assert test(table).p_value == pytest.approx(test(other).p_value, abs=1e-12)


@given(tables.filter(lambda table: all(table[i, j] + table[j, i] for i, j in PAIRS)))
def test_statistics_are_those_of_statsmodels(table):
    square = SquareTable(table, shift_zeros=False)
    symmetry, homogeneity = square.symmetry(), square.homogeneity()
    assert paired_tables.bowker(table).statistic == pytest.approx(symmetry.statistic)
    assert paired_tables.bowker(table).df == symmetry.df
    assert paired_tables.stuart_maxwell(table).statistic == pytest.approx(homogeneity.statistic)
    assert paired_tables.stuart_maxwell(table).df == homogeneity.df
    two = [[0, int(table[2, :2].sum())], [int(table[:2, 2].sum()), 0]]
    theirs = statsmodels_mcnemar(two, exact=True).pvalue
    assert paired_tables.mcnemar(table, 2).p_value == pytest.approx(theirs)


def test_the_textbook_example():
    assert paired_tables.stuart_maxwell(FLEISS).statistic == pytest.approx(14.0)


def test_large_samples_agree_with_chi_square():
    """With a hundred changes the exact and the large-sample p-values meet."""
    table = np.array([[0, 40, 31], [29, 0, 25], [35, 37, 0]])
    square = SquareTable(table, shift_zeros=False)
    assert paired_tables.bowker(table).p_value == pytest.approx(square.symmetry().pvalue, abs=0.02)
    assert paired_tables.stuart_maxwell(table).p_value == pytest.approx(square.homogeneity().pvalue, abs=0.02)


def test_thousands_of_changes_are_no_trouble():
    assert paired_tables.stuart_maxwell(table_of((1550, 0, 1450, 0, 0, 0))).p_value == pytest.approx(
        binomtest(1550, 3000).pvalue
    )
    assert paired_tables.mcnemar(table_of((1550, 0, 1450, 0, 0, 0)), 1).p_value == pytest.approx(
        binomtest(1550, 3000).pvalue
    )


def test_strata_equal_brute_force():
    """All turns of all changes in three strata at once."""
    strata = [(2, 0, 1, 0, 0, 0), (0, 1, 0, 2, 0, 1), (1, 1, 0, 0, 0, 0)]
    seen = sum(stuart_maxwell_statistic(cells) for cells in strata)
    reference = [
        sum(stuart_maxwell_statistic(cells) for cells in turned) >= seen
        for turned in product(*(list(swapped(cells)) for cells in strata))
    ]
    found = paired_tables.stratified([table_of(cells) for cells in strata])
    assert found.statistic == pytest.approx(float(seen))
    assert found.p_value == pytest.approx(sum(reference) / len(reference), abs=1e-12)
    assert found.df == sum(paired_tables.stuart_maxwell(table_of(cells)).df for cells in strata)


@given(tables)
def test_one_stratum_is_the_test_itself(table):
    one, same = paired_tables.stratified([table]), paired_tables.stuart_maxwell(table)
    assert one.p_value == pytest.approx(same.p_value, abs=1e-12)
    assert (one.statistic, one.df) == (pytest.approx(same.statistic), same.df)


def test_opposite_moves_of_two_groups_do_not_cancel():
    up, down = table_of((0, 0, 8, 0, 0, 0)), table_of((8, 0, 0, 0, 0, 0))
    assert paired_tables.stuart_maxwell(up + down).p_value == pytest.approx(1)
    assert paired_tables.stratified([up, down]).p_value == pytest.approx(4 / 2**16)


def test_what_cannot_be_enumerated_has_no_p_value():
    dense = np.array([[0, 27, 23], [21, 0, 29], [19, 17, 0]])
    assert paired_tables.stuart_maxwell(dense).p_value < 1
    several = paired_tables.stratified([dense, dense.T, dense + 1])
    assert np.isnan(several.p_value)
    assert several.df == 6
    assert np.isnan(paired_tables.bowker(10 * dense).p_value)


def flipped_by_hand(parts, name):
    """P-value over all ways to reverse whole groups, with the statistic of the pooled table."""
    statistics = {
        "mcnemar_no": lambda table: abs(table[:, 0].sum() - table[0].sum()),
        "mcnemar_yes": lambda table: abs(table[:, 2].sum() - table[2].sum()),
        "bowker": lambda table: paired_tables.bowker(table).statistic,
        "stuart_maxwell": lambda table: paired_tables.stuart_maxwell(table).statistic,
    }
    statistic = statistics[name]
    seen = statistic(sum(parts))
    values = [
        statistic(sum(part.T if turned else part for part, turned in zip(parts, signs, strict=True)))
        for signs in product((False, True), repeat=len(parts))
    ]
    return np.mean(np.array(values) >= seen - 1e-9)


@settings(max_examples=60, deadline=None)
@given(st.lists(hnp.arrays(np.int64, (3, 3), elements=st.integers(0, 3)), min_size=2, max_size=5))
def test_sign_flips_of_groups_are_all_ways_to_reverse_their_changes(parts):
    for name in paired_tables.FLIPPED:
        found = paired_tables.sign_flip(parts, name)
        if np.isnan(found.p_value):
            assert found.n_groups < 2
        else:
            assert found.p_value == pytest.approx(flipped_by_hand(parts, name))
            assert found.p_value >= found.least - 1e-12
            assert found.least == 2.0 ** (1 - found.n_groups)


@settings(max_examples=30, deadline=None)
@given(st.lists(tables, min_size=2, max_size=4), st.randoms())
def test_the_order_of_groups_does_not_change_a_sign_flip(parts, random):
    turned = random.sample(parts, len(parts))
    for name in paired_tables.FLIPPED:
        here, there = (paired_tables.sign_flip(some, name) for some in (parts, turned))
        assert np.array_equal([here.p_value, here.least], [there.p_value, there.least], equal_nan=True)


def test_five_groups_that_change_the_same_way_reach_one_in_sixteen():
    part = np.zeros((3, 3), dtype=np.int64)
    part[1, 0] = 3
    for name in ("mcnemar_no", "bowker", "stuart_maxwell"):
        found = paired_tables.sign_flip([part] * 5, name)
        assert (found.p_value, found.least, found.n_groups) == (0.0625, 0.0625, 5)
    assert np.isnan(paired_tables.sign_flip([part, np.zeros((3, 3), int)], "bowker").p_value)
    # Members as groups: the exact test.
    single = np.zeros((3, 3), dtype=np.int64)
    single[1, 0] = 1
    found = paired_tables.sign_flip([single] * 15, "stuart_maxwell")
    assert found.p_value == pytest.approx(paired_tables.stuart_maxwell(15 * single).p_value)
