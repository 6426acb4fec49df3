"""What all doors share: errors, bodies, origins, limits, streams, files, health and logs."""
