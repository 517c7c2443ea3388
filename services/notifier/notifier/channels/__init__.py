"""Where notices go, one module each."""
