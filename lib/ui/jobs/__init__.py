"""What the Jobs page is made of: filters, the table, what stands still, one order's story."""
