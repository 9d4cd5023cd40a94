"""Web pages, Markdown and e-books."""
