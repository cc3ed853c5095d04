from hypothesis import settings

# The first example loads dictionaries and models; a deadline would measure that, not the code.
settings.register_profile("house", deadline=None)
settings.load_profile("house")
