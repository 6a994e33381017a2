"""What is durable: manifests, files, the event log, and the move to another vault."""
