import numpy as np
import pandas as pd

import voteshift as vs
from voteshift.ideal.clusters import rollcall_clusters


def frame(rows: list[tuple[str, str, str, bool, str]]) -> pd.DataFrame:
    columns = ["session", "title", "subject", "amendment", "date"]
    table = pd.DataFrame(rows, columns=columns, index=[f"r{j}" for j in range(len(rows))])
    return table.assign(date=pd.to_datetime(table["date"]))


def test_amendments_go_with_their_text_and_the_rest_with_the_subject_of_the_day() -> None:
    found = rollcall_clusters(
        frame(
            [
                ("51", "Transitional justice", "JUSTICE", False, "2022-10-07"),
                ("51", "Transitional justice : amendment", "JUSTICE", True, "2022-10-06"),
                ("52", "Transitional justice", "JUSTICE", False, "2023-04-04"),
                ("51", "Another text", "JUSTICE", False, "2022-10-07"),
                ("51", "A third text", "JUSTICE", False, "2022-10-07"),
                ("51", "Consensus text : oral amendment", "FOOD", True, "2022-10-07"),
                ("51", "Consensus text: amendment", "WATER", True, "2022-10-07"),
                ("51", "Without a subject", "", False, "2022-10-07"),
                ("51", "Without a subject either", "", False, "2022-10-07"),
            ]
        )
    )
    assert found.tolist() == [0, 0, 1, 2, 2, 3, 3, 4, 5]


def test_the_record_has_fewer_clusters_than_roll_calls() -> None:
    record = vs.load_hrc()
    found = rollcall_clusters(record.rollcalls)
    assert found.min() == 0
    assert len(np.unique(found)) == found.max() + 1
    assert 300 < found.max() < 700
    assert np.bincount(found).max() > 10
