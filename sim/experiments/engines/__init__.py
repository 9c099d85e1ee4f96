"""Where runs are made: an engine takes runs and gives outcomes, and knows neither markets nor files."""
