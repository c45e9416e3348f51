"""Files in inputs and outputs."""
