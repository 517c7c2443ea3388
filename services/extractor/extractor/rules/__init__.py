"""The rules, one YAML file per pattern; `extractor.rule` says what may stand in one."""

RULES_VERSION = 1
"""Goes up with every change of a rule: of two readings of one push, the newer rules' reading counts."""
