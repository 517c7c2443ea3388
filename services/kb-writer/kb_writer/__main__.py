"""`python -m kb_writer`."""

from kb_writer.main import main

main()
