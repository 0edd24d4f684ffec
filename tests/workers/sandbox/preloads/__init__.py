"""Modules that a warm parent is told to import, and should not have been."""
