"""Two writers that are killed at random, and what they must not do then."""
