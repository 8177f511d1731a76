"""What the OCCI documents demand, as pure functions: they take what was exchanged and return what is wrong in it.

Nothing here sends anything or knows Robot Framework; `keywords/conformance_site.py` exchanges and tells.
"""
