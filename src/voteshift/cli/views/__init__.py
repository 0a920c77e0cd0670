"""What commands print: tables for people, and the documents of `--json`."""
