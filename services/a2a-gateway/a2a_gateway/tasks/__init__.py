"""What takes longer than a call should: it goes on when nobody waits for it."""
