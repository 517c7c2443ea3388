"""The A2A protocol, versions 1.0 and 0.3, over the same skills as every other way in."""

import os

# The SDK reads this once, when it is first imported: some hundred spans for each message, made for nobody.
os.environ.setdefault("OTEL_INSTRUMENTATION_A2A_SDK_ENABLED", "true" if os.environ.get("TRACES") else "false")
