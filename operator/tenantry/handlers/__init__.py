"""Thin async Kopf handlers: an event into the cache, its owner into the queue; and the process."""
