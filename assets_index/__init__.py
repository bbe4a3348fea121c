"""What exists: objects, containers, tables, robots, textures and domes, and what is known of them."""
