"""Pages of organisations, people, posts, calendar and accounts; one module per noun."""
