"""Puts a version of dev-nexus where it serves, or leaves everything as it was: `python3 -m rollout`.

Runs in Cloud Build's image of gcloud, so that it imports nothing but Python's own library.
"""
