"""Many trials in randomised blocks: the plan, its visits, service times in process."""
