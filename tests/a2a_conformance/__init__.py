"""`make conformance`: the official conformance kit of A2A against the gateway, and what the kit has wrong."""
