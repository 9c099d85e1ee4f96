"""What can be said of the model as a whole: its books, and the evidence for it."""
