"""The HTTP server of `irstd serve`: detections by request, and a page to look at them."""
