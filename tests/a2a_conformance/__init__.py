"""`make conformance`: the official conformance kit of A2A against the gateway, and what is the kit's fault."""
