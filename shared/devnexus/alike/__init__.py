"""Which repositories are alike, and why: pure functions of what is known of them."""
