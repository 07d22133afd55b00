"""Speed, as ratios measured in one run (`make bench`). Nothing here is asserted on a clock; `make test` does not run it."""
