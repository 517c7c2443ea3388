"""`devnexus skills` and `devnexus call`: what agents can ask, and asking it from a terminal."""
