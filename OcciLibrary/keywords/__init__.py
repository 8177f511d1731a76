"""What testers call: the keyword library, the only package that knows Robot Framework."""
