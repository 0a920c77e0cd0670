"""What the exact account of a step says, in sentences."""

from voteshift.shift.account import Account
from voteshift.votes import TALLY_COLUMNS
from voteshift.writing import signed

__all__ = ["group_sentences", "shares_sentence", "switchers_sentence"]


def switchers_sentence(account: Account) -> str:
    """Say who of those that sat both times changed its vote, and how."""
    switchers = account.switchers
    if not account.stayers:
        return "Nobody sat both times."
    if switchers.empty:
        return f"None of the {account.stayers} that sat both times changed its vote."
    groups = switchers.groupby(["old", "new"], sort=False)
    moves = [f"{old} to {new}: {', '.join(part.index)}" for (old, new), part in groups]
    return f"{len(switchers)} of {account.stayers} switched. {'; '.join(moves)}."


def group_sentences(account: Account) -> list[str]:
    """Say which groups switching and turnover came from."""
    table = account.by_group()
    sentences = []
    for part in ("switching", "turnover"):
        groups = []
        for group, row in table[part].iterrows():
            moved = [f"{name} {signed(row[name])}" for name in TALLY_COLUMNS if row[name]]
            if moved:
                groups.append(f"{group or 'no group'} {', '.join(moved)}")
        if groups:
            sentences.append(f"{part.capitalize()} by group: {'; '.join(groups)}.")
    return sentences


def shares_sentence(account: Account) -> str:
    """Compare joiners and leavers with stayers in the category that moved most; "" without stayers."""
    if not account.stayers:
        return ""
    shares = account.relative_to_stayers()
    name = str(account.change.abs().idxmax())
    row = 100 * shares.loc[name]
    return (
        f"Share of {name}: {signed(row['change'], 1)} points = stayers {signed(row['stayers'], 1)}, joiners "
        f"beside stayers {signed(row['joined'], 1)}, leavers beside stayers {signed(row['left'], 1)}."
    )
