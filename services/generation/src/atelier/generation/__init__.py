"""Pictures for shots: generations, their predictions, and the backends that make them."""
