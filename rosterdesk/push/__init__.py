"""Last stage: carry out a plan, on the directory or as files for an outlet."""
