"""What is true: the rules of SMS campaigns as pure functions and frozen values. No clock, no I/O."""
