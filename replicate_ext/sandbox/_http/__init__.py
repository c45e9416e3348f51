"""HTTP as the API uses it: bodies, errors, pages, preferences, timestamps."""
