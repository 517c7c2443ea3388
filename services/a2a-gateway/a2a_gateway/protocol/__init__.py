"""The A2A protocol: the only place that knows its SDK."""
