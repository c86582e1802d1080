"""Tables of training, one file a subject."""
