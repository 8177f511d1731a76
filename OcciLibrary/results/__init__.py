"""From runs to the task force's matrix: reads the outputs of runs and shows who passes what, since when, and why not.

Nothing here knows Robot Framework, and no run imports it.
"""
