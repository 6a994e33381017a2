"""What happens to an order: queued, sent, polled, collected, retried."""
