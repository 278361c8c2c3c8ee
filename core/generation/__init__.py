"""Writers of texts: the contract they follow, and the one that needs no model."""
