"""Closing the books: stocks and flows of a region's initial state, and what was decided where facts contradict."""
