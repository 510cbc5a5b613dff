"""A room for programs: the REST API under /api/v1. It holds no rule, no query and no permission."""
