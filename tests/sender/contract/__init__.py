"""The parts of the contract that every adapter keeps."""
