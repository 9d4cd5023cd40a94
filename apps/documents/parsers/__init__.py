"""One module a family of formats; each library is imported in one of them, and only in a reading child."""
