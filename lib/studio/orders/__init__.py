"""What people and the keeper ask for: checked, priced and committed. Nothing is sent here."""
