"""Speed, as ratios measured in one run (`make bench`). Nothing is asserted on a clock, and `make test` runs none of it."""
