"""Files of HowTheyVote.eu, LegiScan and Open States, rebuilt from the descriptions of their layouts."""

from pathlib import Path

import numpy as np

__all__ = ["write_howtheyvote", "write_legiscan", "write_openstates"]

GROUPS = ("EPP", "SD", "RENEW", "GREEN_EFA", "ECR", "ID", "GUE_NGL", "NI")


def draw_votes(seed: int, n_members: int, n_rollcalls: int) -> np.ndarray:
    """Draw 0 yes, 1 no, 2 abstain, 3 absent, -1 no seat; shape (n_members, n_rollcalls)."""
    rng = np.random.default_rng(seed)
    place, item = rng.normal(size=(n_members, 1)), rng.normal(size=(1, n_rollcalls))
    codes = np.where(place * item + rng.normal(size=(n_members, n_rollcalls)) > 0, 0, 1).astype(np.int8)
    fate = rng.random((n_members, n_rollcalls))
    codes[fate < 0.12] = 3
    codes[fate < 0.05] = 2
    replaced = n_members // 20  # members whose seat ends halfway, and their successors
    codes[:replaced, n_rollcalls // 2 :] = -1
    codes[replaced : 2 * replaced, : n_rollcalls // 2] = -1
    return codes


def count(votes: np.ndarray, wrong: dict[int, int]) -> np.ndarray:
    """Return the totals of 0 to 3 for each roll call; `wrong` adds 1 to one total of some roll calls."""
    totals = np.stack([(votes == code).sum(axis=0) for code in range(4)], axis=1)
    for rollcall, column in wrong.items():
        totals[rollcall, column] += 1
    return totals


def draw_days(n_rollcalls: int) -> list[str]:
    """Return the day of each roll call, in order, over five years."""
    first = np.datetime64("2019-07-01")
    return [str(first + int(k * 1800 / n_rollcalls)) for k in range(n_rollcalls)]


def draw_groups(seed: int, n_members: int, n_rollcalls: int) -> np.ndarray:
    """Return the group of each member at each roll call; one member in twenty changes its group once."""
    rng = np.random.default_rng(seed + 1)
    groups = np.repeat(rng.integers(len(GROUPS), size=(n_members, 1)), n_rollcalls, axis=1)
    days = np.array(draw_days(n_rollcalls))
    for member in range(n_members - n_members // 20, n_members):
        moved = days >= days[int(rng.integers(1, n_rollcalls))]
        groups[member, moved] = (groups[member, 0] + 1) % len(GROUPS)
    return groups


def write_howtheyvote(
    folder: Path, seed: int, n_members: int, n_rollcalls: int, wrong: dict[int, int] | None = None
) -> np.ndarray:
    """Write the tables of the European Parliament; return the votes."""
    folder.mkdir()
    votes, groups = draw_votes(seed, n_members, n_rollcalls), draw_groups(seed, n_members, n_rollcalls)
    days, totals = draw_days(n_rollcalls), count(votes, wrong or {})
    words = ("FOR", "AGAINST", "ABSTENTION", "DID_NOT_VOTE")
    with (folder / "member_votes.csv").open("w") as file:
        file.write("vote_id,member_id,position,country_code,group_code\n")
        tails = [[f"{word},DEU,{group}\n" for group in GROUPS] for word in words]
        for k in range(n_rollcalls):
            column, group = votes[:, k].tolist(), groups[:, k].tolist()
            file.writelines(
                f"{100000 + k},{1000 + i},{tails[code][group[i]]}"
                for i, code in enumerate(column)
                if code >= 0
            )
    with (folder / "members.csv").open("w") as file:
        file.write("id,first_name,last_name,country_code,date_of_birth,email,facebook,twitter\n")
        file.writelines(f"{1000 + i},First{i},LAST{i},DEU,1960-01-01,,,\n" for i in range(n_members))
    with (folder / "votes.csv").open("w") as file:
        file.write(
            "id,timestamp,display_title,reference,description,amendment_subject,amendment_number,is_main,"
            "procedure_reference,procedure_title,procedure_type,procedure_stage,count_for,count_against,"
            "count_abstention,count_did_not_vote,result,texts_adopted_reference\n"
        )
        for k in range(n_rollcalls):
            sums = ",".join(map(str, totals[k].tolist()))
            file.write(
                f'{100000 + k},{days[k]} 12:{k % 60:02}:00,"Title {k // 3}, again",A9-{k // 3:04}/2020,'
                f"Am {k % 3},,,{k % 3 == 2},2020/{k // 3:04}(COD),Title,COD,,{sums},ADOPTED,\n"
            )
    return votes


def write_legiscan(
    folder: Path, seed: int, n_members: int, n_rollcalls: int, wrong: dict[int, int] | None = None
) -> np.ndarray:
    """Write the tables of a session of a legislature; return the votes. Abstentions are written as NV."""
    folder.mkdir()
    votes = draw_votes(seed, n_members, n_rollcalls)
    days, totals = draw_days(n_rollcalls), count(votes, wrong or {})
    words = ("Yea", "Nay", "NV", "Absent")
    with (folder / "votes.csv").open("w") as file:
        file.write("roll_call_id,people_id,vote,vote_desc\n")
        file.writelines(
            f"{500 + k},{9000 + i},{code + 1},{words[code]}\n"
            for k in range(n_rollcalls)
            for i, code in enumerate(votes[:, k].tolist())
            if code >= 0
        )
    with (folder / "people.csv").open("w") as file:
        file.write("people_id,name,first_name,last_name,party_id,party,role_id,role,district\n")
        file.writelines(
            f"{9000 + i},Name {i},Name,{i},1,{'DR'[i % 2]},1,Rep,HD-{i:03}\n" for i in range(n_members)
        )
    with (folder / "bills.csv").open("w") as file:
        file.write("bill_id,session_id,bill_number,status,title,description\n")
        file.writelines(f"{70 + b},1,HB{b},4,Bill {b},About {b}\n" for b in range(n_rollcalls // 2 + 1))
    with (folder / "rollcalls.csv").open("w") as file:
        file.write("bill_id,roll_call_id,date,chamber,description,yea,nay,nv,absent,total\n")
        for k in range(n_rollcalls):
            sums = totals[k].tolist()
            file.write(f"{70 + k // 2},{500 + k},{days[k]},H,Third Reading {k},")
            file.write(",".join(map(str, [*sums, sum(sums)])) + "\n")
    return votes


def write_openstates(
    folder: Path, seed: int, n_members: int, n_rollcalls: int, wrong: dict[int, int] | None = None
) -> np.ndarray:
    """Write the tables of a session of a legislature; return the votes."""
    folder.mkdir()
    votes = draw_votes(seed, n_members, n_rollcalls)
    days, totals = draw_days(n_rollcalls), count(votes, wrong or {})
    words, stem = ("yes", "no", "abstain", "absent"), "NM_2025"
    vote_ids = [f"ocd-vote/{k:08}-0000" for k in range(n_rollcalls)]
    with (folder / f"{stem}_vote_people.csv").open("w") as file:
        file.write("id,vote_event_id,option,voter_name,voter_id,note\n")
        file.writelines(
            f'p{k}-{i},{vote_ids[k]},{words[code]},"Last{i}, F",ocd-person/{i:04},\n'
            for k in range(n_rollcalls)
            for i, code in enumerate(votes[:, k].tolist())
            if code >= 0
        )
    with (folder / f"{stem}_vote_counts.csv").open("w") as file:
        file.write("id,vote_event_id,option,value\n")
        file.writelines(
            f"c{k}-{j},{vote_ids[k]},{word},{totals[k, j]}\n"
            for k in range(n_rollcalls)
            for j, word in enumerate(words)
        )
    with (folder / f"{stem}_votes.csv").open("w") as file:
        file.write(
            "id,identifier,motion_text,motion_classification,start_date,result,organization_id,bill_id,"
            "bill_action_id,jurisdiction,session_identifier\n"
        )
        file.writelines(
            f"{vote_ids[k]},,Third reading {k},['passage'],{days[k]}T00:00:00+00:00,pass,ocd-organization/h,"
            f"ocd-bill/{k // 2},,New Mexico,2025\n"
            for k in range(n_rollcalls)
        )
    with (folder / f"{stem}_bills.csv").open("w") as file:
        file.write("id,identifier,title,classification,subject,session_identifier,jurisdiction\n")
        file.writelines(
            f"ocd-bill/{b},HB {b},Bill {b},['bill'],[],2025,New Mexico\n" for b in range(n_rollcalls // 2 + 1)
        )
    (folder / f"{stem}_organizations.csv").write_text(
        "id,name,classification,parent_id,jurisdiction_id\nocd-organization/h,House,lower,,x\n"
    )
    return votes
