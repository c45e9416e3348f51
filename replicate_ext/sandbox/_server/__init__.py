"""The server: the ASGI application, the middleware in front of it, and the thread it runs in."""
