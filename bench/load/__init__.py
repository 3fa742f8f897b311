"""How load is made: plans, profiles, generators."""
