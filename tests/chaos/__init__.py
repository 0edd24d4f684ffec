"""All of Pressroom under steady load, and faults of every kind thrown at it."""
