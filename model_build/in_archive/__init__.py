"""What travels inside the TorchServe archive too: Python 3.9, no library but NumPy and Pillow."""
