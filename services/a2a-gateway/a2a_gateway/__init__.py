"""The gateway: what the knowledge base says, for agents and for people."""
