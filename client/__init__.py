"""The browser's half, plain ES modules: the page, the card of a job, the line to it."""
