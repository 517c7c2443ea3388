"""The notifier: tells the people and agents who care, once."""
