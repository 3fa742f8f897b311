"""What the embedded default cannot do, in the same words wherever it is said."""

NETWORK_POLICIES = "NetworkPolicies are declared but have no effect: its network (CNI bridge) enforces none"
