"""What happens between the actors: needs, orders, visits, placements, contracts, money, labour."""
