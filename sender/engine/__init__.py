"""Who runs which pump: embedded in one process, or many workers."""
