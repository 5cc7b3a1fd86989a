"""Points and rectangles of tiles."""
