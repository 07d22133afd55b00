"""Speed, as ratios measured in one run (`make bench`). Nothing is asserted on a clock; `make test` runs none of it."""
