"""From a published OpenAPI document to the one this project is generated from."""
