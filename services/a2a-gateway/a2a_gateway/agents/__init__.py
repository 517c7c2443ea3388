"""What other agents add to an answer."""
