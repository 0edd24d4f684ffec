"""The front door: the command line, and the programs it starts and minds."""
