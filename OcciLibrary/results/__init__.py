"""From runs to the task force's matrix: reads the outputs of runs and shows who passes what, since when, and why not.

What reads outputs and shows them knows nothing of Robot Framework, and no run imports any of it.
"""
