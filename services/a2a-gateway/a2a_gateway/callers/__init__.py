"""Who calls: credentials, what they prove, and whether whoever they name may come in."""
