"""Speed and memory of the market beside a bare SimPy loop and a textbook Mesa + SimPy version of it."""
