"""What callers tell: checked, sent once, and waited for until it is committed."""
