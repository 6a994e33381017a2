"""The voices and takes that a team has, and what people do with them."""
