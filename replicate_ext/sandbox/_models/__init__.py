"""Models: functions, their signatures as schemas, and the models that are built in."""
