"""What a scene looks like: looks, cameras, backends, and what can be read off the picture."""
