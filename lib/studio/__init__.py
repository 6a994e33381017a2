"""The one place where registry, vault and providers meet. Pages and the keeper call it."""
