"""What a platform accepts: formats, limits and published timing, as data, and checks of a post against them."""
