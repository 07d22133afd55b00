"""The pictures in docs/pictures: of the imports, of a demo that runs. `make pictures` takes them all anew."""
