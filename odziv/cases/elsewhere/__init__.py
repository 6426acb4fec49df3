"""What the workers do, as seen from the web process: asked over HTTP, or told over the bus."""
