"""What the screens share: the frame, how they read, and how they speak."""
