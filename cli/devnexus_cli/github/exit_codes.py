"""How the commands end that talk to GitHub, where it is neither well nor wrong."""

TRY_LATER = 75
"""EX_TEMPFAIL of sysexits.h: GitHub or the broker is away or wants us to wait; the next run does the rest."""

INTERRUPTED = 130
