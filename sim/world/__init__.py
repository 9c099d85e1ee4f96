"""What exists before time starts: calendar, geography, travel, synthetic population, firms."""
