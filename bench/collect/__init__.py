"""What is read of machine, pods and Prometheus around a load."""
