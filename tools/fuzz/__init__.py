"""What the two fuzzers share: records, the files that hold them, damage, an independent reading, and a worker.

Nothing here imports voteshift but `child`, which runs in a process of its own: the formats are written and read
from their documentation alone, so that a mistake of the readers is not repeated here.
"""
