"""What the runtime's benchmark is made of: a light stack, a driver, a sink, and what is measured in one process."""
