"""Recurring uploads: saved jobs, when they are due, the system's own scheduler that starts them, and what each run
leaves behind. How a roster travels is `pipeline`'s business.
"""
