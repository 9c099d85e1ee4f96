"""The description of the model by the ODD+D protocol, written with the code."""
