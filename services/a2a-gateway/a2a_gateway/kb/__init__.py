"""The routes `/api/kb`, by which agents of old ask and tell."""
