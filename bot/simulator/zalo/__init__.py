"""The simulated Zalo: one bot of the Zalo Bot Platform, and the people who write to it."""
