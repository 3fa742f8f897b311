"""Kubernetes itself: certificates, configuration, command lines, first objects."""
