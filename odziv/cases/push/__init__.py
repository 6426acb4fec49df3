"""What agents are told of while no page of the desk is open, and how it is written and sealed for their browsers."""
