"""A stand-in for a cloud's load balancer: addresses for Services of type LoadBalancer."""
