"""What is done: pumps, pacing, carriers, webhooks and the engines that run them."""
