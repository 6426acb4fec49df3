"""What Prometheus is told: figures counted in this process, and what is looked up at each scrape."""
