"""`devnexus try`: what is worth knowing of some clones, read in this process and stored nowhere."""
