"""Cannot be imported."""

raise RuntimeError("it is worn out")
