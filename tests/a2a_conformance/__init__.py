"""`make conformance`: A2A's official conformance kit against the gateway, and what the kit has wrong."""
