"""Every write on organisations, people, posts and accounts; one module per noun."""
