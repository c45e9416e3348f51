from hypothesis import settings

# A test has one time limit, pytest's; a deadline for each example would fail on a busy machine.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
