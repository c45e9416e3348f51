"""Creating runs and waiting for them."""
