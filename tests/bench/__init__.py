"""Speed, as ratios measured in one run (`make bench`). Nothing asserts on a clock, and `make test` runs none of it."""
