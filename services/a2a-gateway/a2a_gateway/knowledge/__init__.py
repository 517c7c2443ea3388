"""What is known, as answers are made from it."""
