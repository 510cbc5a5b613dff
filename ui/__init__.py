"""What is seen: pages for people. No queries, no rules."""
