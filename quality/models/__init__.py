"""Models of delivery and quality."""
