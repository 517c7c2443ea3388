"""Who calls, proven by a token: of Google, or of an issuer whose keys are at hand."""
