"""Running predictions and trainings: jobs, their inputs, outputs, logs and event streams."""
