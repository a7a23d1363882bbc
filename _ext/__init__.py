"""The few Sphinx extensions that are this book's own."""
