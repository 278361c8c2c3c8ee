"""What bodies and answers of the API look like, one module a resource, apart from the services' own views."""
