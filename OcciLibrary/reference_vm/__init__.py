"""What a site admin puts on the reference VM: the echo service (wiki, execution plan, step 1)."""
