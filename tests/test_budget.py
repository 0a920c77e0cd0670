"""How much may come out of a file."""

from voteshift.budget import Budget


def test_a_budget_grows_with_the_file_to_an_end() -> None:
    budget = Budget(free=10, ratio=3, most=100)
    assert [budget.limit(size) for size in (0, 5, 30, 1000)] == [10, 25, 100, 100]
