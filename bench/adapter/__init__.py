"""One serious try to tune the encoder to support: an adapter of low rank, learnt from the library of topics."""
