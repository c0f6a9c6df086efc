"""What the HTTP API takes and gives, as OpenAPI shows it; the only home of Pydantic models of the API."""
