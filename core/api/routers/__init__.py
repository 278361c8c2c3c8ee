"""The calls of the API, one router a resource; the tuple in core.api.app lists them."""
