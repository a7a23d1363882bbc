"""What the site is for a reader, looked at with the tools that a reader uses: `make audit`."""
