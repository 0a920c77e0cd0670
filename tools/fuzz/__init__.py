"""The parts of the two fuzzers: records, files, damage, an independent reading, and a worker.

Only `child` imports voteshift, in a process of its own: the formats are written and read from their
documentation alone, so that a mistake of the readers is not repeated here.
"""
