"""Where each version of the protocol is spoken."""

V1 = "/a2a/v1"
V03 = "/a2a/v0.3"
