"""A region's run beside what was published: fitted targets, consistency checks, tests that no fit has seen."""
