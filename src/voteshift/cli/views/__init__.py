"""The output of commands: tables for people, and the documents of `--json`."""
