"""What is derived from the skills: their schemas, the OpenAPI document, the agent card."""
