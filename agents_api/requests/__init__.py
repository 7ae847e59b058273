"""What every request goes through: how many there may be, from bytes to JSON, and where a list goes on."""
