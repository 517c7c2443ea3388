"""The rules, one YAML file per pattern; `extractor.rule` says what may stand in one."""

RULES_VERSION = 4
"""Goes up with every change of a rule, or of what else is read.

Of two readings of one push, the newer rules' counts."""
