"""Runs of the kit against OCCI servers that others wrote: docs/independent_servers.md."""
