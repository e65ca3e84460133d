"""Nouns: what a user writes and what the operator tells. Pydantic models, names; no I/O."""
