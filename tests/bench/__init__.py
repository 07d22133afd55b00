"""Speed, as ratios measured in one run (`make bench`). Nothing here is asserted on a clock; `make test` runs none of it."""
