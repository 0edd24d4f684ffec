"""python -m pressroom: the command line."""

from pressroom.cli import main

main()
