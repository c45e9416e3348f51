"""The resources of the API: a file for each, with its store and its routes."""
