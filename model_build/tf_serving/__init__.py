"""The network in Keras: trained, exported as a SavedModel with its preprocessing in the graph, and proven."""
