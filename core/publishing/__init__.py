"""How items leave: one contract, one file per kind of channel, and the policy above them."""
