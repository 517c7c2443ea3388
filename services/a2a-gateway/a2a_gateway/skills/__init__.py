"""What agents can ask for, one module each."""
