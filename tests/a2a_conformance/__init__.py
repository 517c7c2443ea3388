"""`make conformance`: A2A's official conformance kit against the gateway, and what of it is the kit's own fault."""
