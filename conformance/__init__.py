"""Looks at a stream of job events from outside, and says what a browser would suffer from.

Needs nothing but Python: `python -m conformance http://127.0.0.1:8000`. It knows the contract, not
the server: jobs are made, cancelled and reopened over HTTP, and every byte of a stream is read
from a bare connection, because clients repair and hide what they are given.
"""
