"""What scenarios may say about policies: one family's parameters a file, and nothing that simulates.

A question about a scenario (validate, explain, schema) must be answered at once, so these files stand apart from the
mechanisms, which need the compiled engine.
"""
