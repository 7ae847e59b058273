"""One module per format of export, and the registry of them."""
