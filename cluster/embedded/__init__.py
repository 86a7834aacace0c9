"""Embedded stores and models: child processes on loopback, started and watched by ``ragleap up``."""
