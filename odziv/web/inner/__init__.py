"""What a worker tells the web processes of its installation, and nobody else."""
