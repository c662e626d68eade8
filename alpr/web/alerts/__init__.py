"""What somebody must know: alarms, deliveries to others, notifications on phones."""
