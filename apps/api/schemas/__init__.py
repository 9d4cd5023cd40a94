"""The wire types of the interface, as the reference and the OpenAPI document describe them."""
