"""What every use case stands on: the context, what services offer, money, and whose a key is."""
