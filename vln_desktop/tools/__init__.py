"""What stands on the whole program: tour, demo data, bench, doctor."""
