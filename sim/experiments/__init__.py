"""Many runs: plans, engines that make them, the store of what they gave, and the statistics of it."""
