"""How long what is kept, what is forgotten after that, and the data of a person erased at once."""
