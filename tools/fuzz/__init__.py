"""The parts of the two fuzzers: records, files, damage, an independent reading, and a worker.

Only `child` imports voteshift, in a separate process: the formats are written and read from their
documentation alone, so that a mistake of the readers is not repeated here.
"""
