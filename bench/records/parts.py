"""What a run is to its experiment, by name: a part of the visit that it belongs to."""

THESIS, SERIAL, RATE, STEP, SOAK, TRACE = "thesis", "serial", "rate", "step", "soak", "trace"
SEARCH, CONFIRM = "search", "confirm"
TRIALS = (SEARCH, CONFIRM)  # of one rate, in the search of a capacity
MAY_OVERLOAD = (*TRIALS, STEP, TRACE)  # here a server that does not keep up is an answer
PARTS = (THESIS, SERIAL, RATE, STEP, SOAK, TRACE, *TRIALS)
NO_BLOCK = 0  # of a run outside of an experiment
